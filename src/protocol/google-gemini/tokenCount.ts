/** Google's count of a request: https://ai.google.dev/api/tokens#method:-models.counttokens */
import { Either } from "effect"
import type { TokenCountProtocol } from "../TokenCountProtocol.js"
import { errorRules, reportedError } from "./errors.js"
import * as Model from "./model.js"
import { encode } from "./request.js"

/**
 * Makes the protocol for one provider. The request goes whole inside the request, as bare contents would leave out its
 * instructions and tools. The count is not promised to be billed: Google's own example counts 10 and bills 11.
 */
export const make = (provider: string): TokenCountProtocol => ({
  encode: (request) =>
    Either.all([Model.pathOf(request.model), encode(request, false, { provider })]).pipe(
      Either.map(([path, { body }]) => ({
        path: `${path}:countTokens`,
        body: { generateContentRequest: { model: path.slice(1), ...body } }
      }))
    ),
  field: "totalTokens",
  isExact: false,
  reportedError,
  errorRules
})
