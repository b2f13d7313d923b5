/** Counts the tokens of a request: https://platform.openai.com/docs/api-reference/responses/input-tokens */
import * as Either from "effect/Either"
import { pick, type TokenCountProtocol } from "../TokenCountProtocol.js"
import { reportedError } from "./errors.js"
import { encode } from "./request.js"

const fields = [
  "model",
  "input",
  "instructions",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "reasoning",
  "conversation",
  "previous_response_id",
  "truncation"
]

/**
 * Makes the protocol for one provider. Its guide says of Responses that "the API returns the exact count the model will
 * receive". For requests to chat completions the count is an estimate, without the fields that Responses does not
 * support (stop texts, a seed), which take no tokens.
 */
export const make = (provider: string, isExact: boolean): TokenCountProtocol => ({
  encode: (request) =>
    Either.map(
      encode({ ...request, stop: undefined, seed: undefined, reasoning: effortOf(request.reasoning) }, false, {
        provider
      }),
      ({ body }) => ({ path: "/responses/input_tokens", body: pick(body, fields) })
    ),
  field: "input_tokens",
  isExact,
  reportedError
})

const effortOf = (reasoning: Parameters<typeof encode>[0]["reasoning"]) =>
  reasoning?.effort === undefined ? undefined : { effort: reasoning.effort }
