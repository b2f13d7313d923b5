/** Counts the tokens of a request: https://platform.claude.com/docs/en/api/messages/count_tokens */
import * as Either from "effect/Either"
import { pick, type TokenCountProtocol } from "../TokenCountProtocol.js"
import { reportedError } from "./errors.js"
import { encode } from "./request.js"
import { toolNames } from "./toolNames.js"

const fields = ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"]

/** Makes the protocol for one provider. Its guide says that the count "should be considered an estimate". */
export const make = (provider: string): TokenCountProtocol => ({
  encode: (request) =>
    Either.map(encode(request, false, { provider }), ({ body }) => ({
      path: "/v1/messages/count_tokens",
      body: pick(body, fields)
    })),
  toolNames,
  field: "input_tokens",
  isExact: false,
  reportedError
})
