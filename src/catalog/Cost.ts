/** What requests cost in US dollars: exact by the catalog's prices, and `null` where a price is unknown. */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import { type CheckedModelId, type KnownModel, type ModelId, split } from "../domain/ModelId.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import type { TokenCount } from "./countTokens.js"
import { ModelCatalog, type ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"
import { type AnsweringModel, priceAt, priceOf, toDollars } from "./price.js"
import { type CountedChunk, TokenCounter } from "./TokenCounter.js"

export { type AnsweringModel, priceOf } from "./price.js"

/** Prices a usage in US dollars; `null` where the price is unknown. */
export type CostOf = (usage: Usage.Usage, answering: AnsweringModel) => number | null

/**
 * Calculates what a usage costs in US dollars at the prices of one model, correctly rounded; `null` where a price is
 * unknown or the counts contradict each other. Where the prompt is longer than a tier's `above`, all tokens of the
 * request have that tier's prices. Covers tokens at the provider's standard processing; searches and storage are not
 * included.
 *
 * ```ts
 * const model = Option.getOrUndefined(yield* ModelCatalog.find("openai", "gpt-4o-mini"))
 * const dollars = Cost.of(usage, model)
 * ```
 */
export const of = (usage: Usage.Usage, model: ModelInfo | undefined): number | null => inDollars(priceAt(model, usage))

/**
 * Calculates what a response costs in US dollars; `null` where the catalog has no price. If the provider answered with a
 * dated model that the catalog does not list, the price is that of `requestedModel`, provided that the date is all that
 * the provider added.
 *
 * ```ts
 * const dollars = Cost.dollarsOf(yield* ModelCatalog, { provider: "openai", model: "gpt-4o-mini" }, usage)
 * ```
 */
export const dollarsOf = (catalog: ModelCatalogService, answering: AnsweringModel, usage: Usage.Usage): number | null =>
  inDollars(priceOf(catalog, answering, usage))

const inDollars = (price: bigint | null): number | null => (price === null ? null : toDollars(price))

/** The range of what a request may cost. */
export interface Estimate {
  /** How many tokens the prompt has. */
  readonly prompt: TokenCount
  /** US dollars for the prompt alone, with nothing read from a cache; `null` for an unknown model. */
  readonly least: number | null
  /**
   * US dollars with the longest answer that `maxTokens`, or else the model, allows; `null` for an unknown model or
   * without a limit.
   */
  readonly most: number | null
}

/**
 * Estimates what a request would cost with a model such as `openai/gpt-4o-mini`; the request's own `model` takes
 * precedence. The accuracy is that of the prompt's count, which the `TokenCounter` in context makes. A prompt that is in
 * the provider's cache costs less, and one that is written to the cache costs more.
 *
 * ```ts
 * const { prompt, least, most } = yield* Cost.estimate({ messages, maxTokens: 200 }, "openai/gpt-4o-mini")
 * ```
 */
export const estimate: <const Model extends ModelId>(
  request: ChatRequest,
  model: KnownModel | CheckedModelId<Model>
) => Effect.Effect<Estimate, LLMError, ModelCatalog> = Effect.fnUntraced(function* (
  request: ChatRequest,
  model: ModelId
) {
  const { find } = yield* ModelCatalog
  const requested = split(model, request.model)
  const info = Option.getOrUndefined(find(requested.provider, requested.model))
  const prompt = yield* TokenCounter.count(request, `${requested.provider}/${requested.model}`)
  const longest = request.maxTokens ?? info?.limits?.output
  const costWith = (outputTokens: number) => of(Usage.make({ inputTokens: prompt.tokens, outputTokens }), info)
  return { prompt, least: costWith(0), most: longest === undefined ? null : costWith(longest) }
})

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

/**
 * Adds to each chunk of a stream what the request has cost so far, in linear time. The cost is estimated from the prompt
 * and the text that has arrived until the provider reports its usage.
 *
 * ```ts
 * stream.pipe(Cost.running(request, "openai/gpt-4o-mini"), Stream.runForEach(({ spent }) => show(spent.dollars)))
 * ```
 */
export const running =
  (request: ChatRequest, model: ModelId) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<PricedChunk, E | LLMError, R | ModelCatalog> =>
    Stream.fromChannel(
      Channel.unwrap(
        Effect.gen(function* () {
          const catalog = yield* ModelCatalog
          const requested = split(model, request.model)
          const prompt = yield* TokenCounter.count(request, `${requested.provider}/${requested.model}`)
          const info = Option.getOrUndefined(catalog.find(requested.provider, requested.model))
          const price = (chunk: CountedChunk): PricedChunk => ({
            ...chunk,
            spent: spentAt(chunk, prompt, info, catalog)
          })
          return Channel.mapOut(Stream.toChannel(TokenCounter.counting(model)(stream)), Chunk.map(price))
        })
      )
    )

const spentAt = (
  chunk: CountedChunk,
  prompt: TokenCount,
  info: ModelInfo | undefined,
  catalog: ModelCatalogService
): PricedChunk["spent"] => {
  const { usage, origin, counted } = chunk
  if (chunk.finishReason !== null && usage !== null) {
    const dollars =
      origin === undefined ? of(usage, info) : dollarsOf(catalog, { ...origin, requestedModel: info?.model }, usage)
    return { dollars: chunk.cost ?? dollars, isExact: true }
  }
  const known = usage ?? Usage.make({ inputTokens: prompt.tokens, outputTokens: 0 })
  // The usage that the provider reported may be older than the text of this chunk.
  const outputTokens = Math.max(known.outputTokens, counted.tokens)
  return { dollars: of(Usage.make({ ...known, outputTokens }), info), isExact: false }
}
