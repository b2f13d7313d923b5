/** What requests cost in US dollars: exact by the catalog's prices, and `null` where a price is unknown. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { ChatRequest } from "../domain/ChatRequest.js"
import { ChatStream } from "../domain/ChatStream.js"
import type { LLMError } from "../domain/LLMError.js"
import { type CheckedModelId, type KnownModel, type ModelId, split } from "../domain/ModelId.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Usage from "../domain/Usage.js"
import { answerPricer, type PricedChunk } from "./answerPricer.js"
import type { TokenCount } from "./countTokens.js"
import { ModelCatalog, type ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"
import { type AnsweringModel, inDollars, priceAt, priceOf } from "./price.js"
import { TokenCounter } from "./TokenCounter.js"

export type { PricedChunk } from "./answerPricer.js"
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
    ChatStream.make<E | LLMError, R | ModelCatalog, PricedChunk>(
      Effect.gen(function* () {
        const price = yield* answerPricer(request, model, yield* ModelCatalog)
        return Read.mapEach(yield* ChatStream.open(TokenCounter.counting(model)(stream)), price)
      })
    )
