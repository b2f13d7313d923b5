/** What answers cost, in US dollars: exactly what the price list says, and nothing at all rather than a guess. */
import { Effect, Option } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import { type ModelId, split } from "../domain/ModelId.js"
import type { TokenCount } from "../domain/TokenCount.js"
import * as Usage from "../domain/Usage.js"
import { type Answered, modelInfoOf } from "./answeredModel.js"
import { exactCost, toDollars } from "./exactCost.js"
import { ModelCatalog, type ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo } from "./ModelInfo.js"
import { TokenCounter } from "./TokenCounter.js"

export { type PricedChunk, running } from "./RunningCost.js"

/** Prices a usage in US dollars, or gives `null` where nobody can. */
export type CostOf = (usage: Usage.Usage, answered: Answered) => number | null

/**
 * Sums what a usage costs in US dollars, correctly rounded; `null` where a price is unknown or the counts contradict
 * each other. The tokens of a prompt and an answer are those of a tier, all of them, where the prompt is longer than
 * its `above`. Prices are those of the provider's standard processing, of tokens alone: no searches, no storage.
 */
export const of = (usage: Usage.Usage, facts: ModelInfo | undefined): number | null => {
  const cost = exactCost(usage, facts)
  return cost === null ? null : toDollars(cost)
}

/**
 * Prices answers by the models of a catalog. Of an answer whose dated model is not listed, the price is that of the
 * model that was asked for, if the date is all that the provider added.
 */
export const from =
  (catalog: ModelCatalogService): CostOf =>
  (usage, answered) =>
    of(usage, Option.getOrUndefined(modelInfoOf(catalog, answered)))

/** What a request may cost, before it is sent. */
export interface Estimate {
  /** How many tokens the prompt has. */
  readonly prompt: TokenCount
  /** US dollars for the prompt alone, none of it cached; `null` for an unknown model. */
  readonly least: number | null
  /**
   * US dollars with the longest answer that `maxTokens`, or else the model, allows; `null` for an unknown model or
   * without a limit.
   */
  readonly most: number | null
}

/**
 * Estimates what a request would cost with a model such as `openai/gpt-4o-mini`, whose own `model` counts before that
 * one's. It is as far off as the count of the prompt, which the `TokenCounter` in context makes; a prompt that the
 * provider has in its cache costs less, and one that it writes there more.
 *
 * ```ts
 * const { prompt, least, most } = yield* Cost.estimate({ messages, maxTokens: 200 }, "openai/gpt-4o-mini")
 * ```
 */
export const estimate = (request: ChatRequest, model: ModelId): Effect.Effect<Estimate, LLMError, ModelCatalog> =>
  Effect.gen(function* () {
    const { find } = yield* ModelCatalog
    const asked = split(model, request.model)
    const facts = Option.getOrUndefined(find(asked.provider, asked.model))
    const prompt = yield* TokenCounter.count(request, `${asked.provider}/${asked.model}`)
    const longest = request.maxTokens ?? facts?.limits?.output
    const costWith = (outputTokens: number) => of(Usage.make({ inputTokens: prompt.tokens, outputTokens }), facts)
    return { prompt, least: costWith(0), most: longest === undefined ? null : costWith(longest) }
  })
