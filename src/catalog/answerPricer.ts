/** Prices an answer chunk by chunk. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import { type ModelId, split } from "../domain/ModelId.js"
import * as Usage from "../domain/Usage.js"
import type { TokenCount } from "./countTokens.js"
import type { ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"
import { inDollars, priceAt, priceOf } from "./price.js"
import { type CountedChunk, TokenCounter } from "./TokenCounter.js"

/** A chunk with the tokens of the answer and the cost of the request so far. */
export interface PricedChunk extends CountedChunk {
  /** What the request has cost up to this chunk. */
  readonly spent: {
    /** US dollars; `null` for a model without a price in the catalog. */
    readonly dollars: number | null
    /** Whether the cost comes from the provider's final usage, which the last chunk has where the provider reports it. */
    readonly isExact: boolean
  }
}

/** Makes what prices each chunk of an answer: estimated until the provider reports its usage. */
export const answerPricer = (
  request: ChatRequest,
  model: ModelId,
  catalog: ModelCatalogService
): Effect.Effect<(chunk: CountedChunk) => PricedChunk, LLMError> => {
  const requested = split(model, request.model)
  const info = Option.getOrUndefined(catalog.find(requested.provider, requested.model))
  return Effect.map(TokenCounter.count(request, `${requested.provider}/${requested.model}`), (prompt) => (chunk) => ({
    ...chunk,
    spent: spentAt(chunk, prompt, info, catalog)
  }))
}

const spentAt = (
  chunk: CountedChunk,
  prompt: TokenCount,
  info: ModelInfo | undefined,
  catalog: ModelCatalogService
): PricedChunk["spent"] => {
  const { usage, origin, counted } = chunk
  if (chunk.finishReason !== null && usage !== null) {
    const price =
      origin === undefined ? priceAt(info, usage) : priceOf(catalog, { ...origin, requestedModel: info?.model }, usage)
    return { dollars: chunk.cost ?? inDollars(price), isExact: true }
  }
  const known = usage ?? Usage.make({ inputTokens: prompt.tokens, outputTokens: 0 })
  // The usage that the provider reported may be older than the text of this chunk.
  const outputTokens = Math.max(known.outputTokens, counted.tokens)
  return { dollars: inDollars(priceAt(info, Usage.make({ ...known, outputTokens }))), isExact: false }
}
