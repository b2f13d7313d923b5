/** Counts the tokens of a request: https://ai.google.dev/api/tokens#method:-models.counttokens */
import * as Either from "effect/Either"
import type { TokenCountProtocol } from "../TokenCountProtocol.js"
import { reportedError } from "./errors.js"
import { encode, modelPath } from "./request.js"
import { toolNames } from "./toolNames.js"

/**
 * Makes the protocol for one provider. It sends the complete request, as bare contents would omit instructions and
 * tools. The billed count may differ: Google's own example counts 10 tokens and bills 11.
 */
export const make = (provider: string): TokenCountProtocol => ({
  encode: (request) =>
    Either.all([modelPath(request.model), encode(request, false, { provider })]).pipe(
      Either.map(([path, { body }]) => ({
        path: `${path}:countTokens`,
        body: { generateContentRequest: { model: path.slice(1), ...body } }
      }))
    ),
  toolNames,
  field: "totalTokens",
  isExact: false,
  reportedError
})
