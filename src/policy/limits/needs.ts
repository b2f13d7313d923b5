/** How much of each limit a request needs before it is sent, and how much it has used afterwards. */
import * as Effect from "effect/Effect"
import { countRequest, countText } from "../../catalog/countTokens.js"
import { estimateTokens } from "../../catalog/estimateTokens.js"
import { TokenCounter } from "../../catalog/TokenCounter.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { EmbedRequest } from "../../domain/Embedding.js"
import type { Origin } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import type { UnitLimit } from "./gcra.js"
import type { Amount } from "./RateLimits.js"

/** The tokens that a request may use. */
export interface TokenNeed {
  /** The prompt, counted. */
  readonly input: number
  /** The longest response. */
  readonly output: number
}

/** Counts the prompt of a request that was checked; a failed count is estimated, as it should not block the request. */
export const countInput = (
  request: ChatRequest | EmbedRequest,
  { provider, model }: Origin,
  assumedOutputTokens: number
): Effect.Effect<TokenNeed> =>
  Effect.suspend(() => {
    const content = "input" in request ? textOf(request) : request
    const estimate = Effect.sync(() =>
      typeof content === "string" ? countText(content, estimateTokens) : countRequest(content, estimateTokens)
    )
    const output = "input" in request ? 0 : (request.maxTokens ?? assumedOutputTokens)
    return TokenCounter.count(content, `${provider}/${model}`).pipe(
      Effect.map(({ tokens }) => tokens),
      Effect.orElse(() => estimate),
      Effect.map((input) => ({ input, output }))
    )
  })

const textOf = ({ input }: EmbedRequest): string => (typeof input === "string" ? input : input.join("\n"))

/** The amount of a limit that a request needs. */
export const needOf =
  (tokens: TokenNeed = { input: 0, output: 0 }) =>
  (limit: UnitLimit): Amount => ({ limit, amount: unitsOf(limit, tokens) })

/** The amount of a limit that a response has used. */
export const usedOf =
  ({ inputTokens, outputTokens }: Usage) =>
  (limit: UnitLimit): number =>
    unitsOf(limit, { input: inputTokens, output: outputTokens })

const unitsOf = ({ unit }: UnitLimit, { input, output }: TokenNeed): number => {
  switch (unit) {
    case "inputTokens":
      return input
    case "outputTokens":
      return output
    case "tokens":
      return input + output
    default:
      return 1
  }
}
