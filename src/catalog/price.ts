/**
 * Prices a usage exactly, in whole units of 10⁻¹⁵ dollars, so that sums over a million responses have no rounding error.
 * Everything that prices goes through `priceOf`.
 */
import * as Option from "effect/Option"
import type { Usage } from "../domain/Usage.js"
import type { ModelCatalogService } from "./ModelCatalog.js"
import type { ModelInfo, Prices } from "./ModelInfo.js"

/** Which model answered. */
export interface AnsweringModel {
  /** The provider's name in model strings, such as `openai`. */
  readonly provider: string
  /** The model as the provider named it in its response. */
  readonly model: string
  /** The model that the request named, where it is known. */
  readonly requestedModel?: string | undefined
}

/**
 * Prices a usage in 10⁻¹⁵ dollars by the model that answered; `null` where the catalog has no price or the counts
 * contradict each other.
 */
export const priceOf = (catalog: ModelCatalogService, answering: AnsweringModel, usage: Usage): bigint | null =>
  priceAt(Option.getOrUndefined(findModel(catalog, answering)), usage)

/**
 * Prices a usage in 10⁻¹⁵ dollars by the prices of one model; `null` where a price is unknown or the counts contradict
 * each other.
 */
export const priceAt = (info: ModelInfo | undefined, usage: Usage): bigint | null => {
  if (info?.prices === undefined) return null
  const counts = disjointCounts(usage, pricesFor(info.prices, usage.inputTokens))
  return counts.every(isPriced) ? counts.reduce((sum, [tokens, price]) => sum + multiply(tokens, price), 0n) : null
}

/** Converts 10⁻¹⁵ dollars to dollars. Parsing decimal digits rounds once and correctly; dividing would round twice. */
export const toDollars = (price: bigint): number => Number(`${price}e-15`)

/** Converts a price to dollars, where there is one. */
export const inDollars = (price: bigint | null): number | null => (price === null ? null : toDollars(price))

/** Converts dollars to 10⁻¹⁵ dollars; decimals after the 9th are ignored. */
export const fromDollars = (dollars: number): bigint => BigInt(Math.round(dollars * 1e9)) * 1_000_000n

/**
 * Names the model for sums: by its id in the catalog, and without a date that the provider added to the requested model.
 */
export const modelName = (catalog: ModelCatalogService, answering: AnsweringModel): string => {
  const { provider, model, requestedModel = model } = answering
  const name = isDated(answering) ? requestedModel : model
  return Option.match(catalog.find(provider, name), { onNone: () => name, onSome: (info) => info.model })
}

/**
 * Finds the model that the provider named. If the catalog does not list it, and the provider only added a date to the
 * requested model (as OpenAI does), finds the requested model: both have the same price.
 */
const findModel = (catalog: ModelCatalogService, answering: AnsweringModel): Option.Option<ModelInfo> =>
  Option.orElse(catalog.find(answering.provider, answering.model), () =>
    isDated(answering) ? catalog.find(answering.provider, answering.requestedModel ?? "") : Option.none()
  )

/** Checks whether the provider's name for the model is the requested model followed by a date. */
const isDated = ({ model, requestedModel = "" }: AnsweringModel): boolean =>
  requestedModel !== "" &&
  model.startsWith(requestedModel) &&
  /^-(?:\d{4}-\d\d-\d\d|\d{8})$/.test(model.slice(requestedModel.length))

/** The prices for a prompt of this length: those of the highest tier that the prompt exceeds. */
const pricesFor = ({ tiers = [], ...base }: NonNullable<ModelInfo["prices"]>, inputTokens: number): Prices =>
  tiers
    .filter((tier) => inputTokens > tier.above)
    .reduce((highest, tier) => (tier.above > highest.above ? tier : highest), { ...base, above: -1 })

type PricedTokens = readonly [tokens: number, price: number | undefined]

/** Splits the inclusive counts of a usage into counts that do not overlap, each with its price. */
const disjointCounts = (usage: Usage, prices: Prices): ReadonlyArray<PricedTokens> => {
  const { cacheReadTokens, cacheWriteTokens, cacheWriteHourTokens = 0, reasoningTokens } = usage
  return [
    [usage.inputTokens - cacheReadTokens - cacheWriteTokens, prices.input],
    [cacheReadTokens, prices.cacheRead ?? prices.input],
    [cacheWriteTokens - cacheWriteHourTokens, prices.cacheWrite ?? prices.input],
    [cacheWriteHourTokens, prices.cacheWriteHour],
    [usage.outputTokens - reasoningTokens, prices.output],
    [reasoningTokens, prices.reasoning ?? prices.output]
  ]
}

const isPriced = ([tokens, price]: PricedTokens): boolean =>
  Number.isSafeInteger(tokens) && tokens >= 0 && (tokens === 0 || (price !== undefined && price >= 0 && price < 1e6))

/** One dollar per million tokens is 10⁹ × 10⁻¹⁵ dollars per token. */
const multiply = (tokens: number, price = 0): bigint => BigInt(tokens) * BigInt(Math.round(price * 1e9))
