/** What an answer costs: exact sums over token classes that do not overlap, and nothing at all rather than a guess. */
import { Option } from "effect"
import type { Usage } from "../domain/Usage.js"
import type { CatalogueService } from "./Catalogue.js"
import type { ModelFacts, Prices } from "./ModelFacts.js"

/** An answer as far as its price depends on it. */
export interface Answered {
  readonly provider: string
  /** The model as the provider named it. */
  readonly model: string
  /** The model as it was asked for, where that is known. */
  readonly asked?: string | undefined
}

/** Prices a usage, or gives `null` where nobody can. */
export type CostOf = (usage: Usage, answered: Answered) => number | null

/**
 * Sums what a usage costs in US dollars, correctly rounded; `null` where the prices are unknown or the counts
 * contradict each other. A prompt longer than a tier's `above` is priced as a whole at that tier, and so is its answer.
 */
export const of = (usage: Usage, facts: ModelFacts | undefined): number | null => {
  const cost = exact(usage, facts)
  return cost === null ? null : toDollars(cost)
}

/** Prices the answers of every model that a catalogue holds. */
export const from =
  (catalogue: CatalogueService): CostOf =>
  (usage, answered) =>
    of(usage, Option.getOrUndefined(find(catalogue, answered)))

/**
 * Finds the model of an answer: the one that the provider named, or else the one asked for where the provider only
 * added a date to it, as OpenAI does: the list may not have that date yet, but asking for the model costs what it says.
 */
export const find = (catalogue: CatalogueService, answered: Answered): Option.Option<ModelFacts> =>
  Option.orElse(catalogue.find(answered.provider, answered.model), () =>
    isDated(answered) ? catalogue.find(answered.provider, answered.asked ?? "") : Option.none()
  )

/** Says whether a provider named the model that was asked for, with nothing but a date added. */
export const isDated = ({ model, asked = "" }: Answered): boolean =>
  asked !== "" && model.startsWith(asked) && /^-(?:\d{4}-\d\d-\d\d|\d{8})$/.test(model.slice(asked.length))

/**
 * The same in units of 10⁻¹⁵ dollars, so that sums of many are exact too. A price of so many dollars per million
 * tokens is as many millionths of a dollar per token, of which 9 decimals count.
 */
export const exact = (usage: Usage, facts: ModelFacts | undefined): bigint | null => {
  const prices = facts?.prices === undefined ? undefined : pricesAt(facts.prices, usage.promptTokens)
  const classes = prices === undefined ? undefined : classesOf(usage, prices)
  return classes === undefined || !classes.every(isPriced)
    ? null
    : classes.reduce((sum, [tokens, price]) => sum + BigInt(tokens) * toExact(price), 0n)
}

/** The tier of a prompt of so many tokens: the highest that it is longer than. */
const pricesAt = (prices: NonNullable<ModelFacts["prices"]>, promptTokens: number): Prices =>
  (prices.tiers ?? [])
    .filter((tier) => promptTokens > tier.above)
    .reduce((highest: Prices & { readonly above?: number }, tier) =>
      tier.above >= (highest.above ?? 0) ? tier : highest
    , prices)

type PricedTokens = readonly [tokens: number, price: number | undefined]

/** The counts of a usage apart, as it holds some inside others, each with its price. */
const classesOf = (usage: Usage, prices: Prices): ReadonlyArray<PricedTokens> => {
  const { cachedPromptTokens, cacheWriteTokens, cacheWriteHourTokens = 0, reasoningTokens } = usage
  return [
    [usage.promptTokens - cachedPromptTokens - cacheWriteTokens, prices.input],
    [cachedPromptTokens, prices.cacheRead ?? prices.input],
    [cacheWriteTokens - cacheWriteHourTokens, prices.cacheWrite ?? prices.input],
    [cacheWriteHourTokens, prices.cacheWriteHour],
    [usage.completionTokens - reasoningTokens, prices.output],
    [reasoningTokens, prices.reasoning ?? prices.output]
  ]
}

const isPriced = (priced: PricedTokens): priced is readonly [number, number] | readonly [0, undefined] =>
  Number.isSafeInteger(priced[0]) && priced[0] >= 0 && (priced[0] === 0 || isPrice(priced[1]))

const isPrice = (price: number | undefined): boolean => price !== undefined && price >= 0 && price < 1e6

/** Dollars per million tokens as 10⁻¹⁵ dollars per token. */
const toExact = (price: number | undefined): bigint => BigInt(Math.round((price ?? 0) * 1e9))

/** Parsing decimal digits rounds once and correctly, where dividing would round twice. */
export const toDollars = (exactly: bigint): number => Number(`${exactly}e-15`)

/** Dollars, of which 9 decimals count. */
export const fromDollars = (dollars: number): bigint => BigInt(Math.round(dollars * 1e9)) * 1_000_000n
