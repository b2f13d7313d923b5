/** Sums prices exactly: in whole units of 10⁻¹⁵ dollars, so that no cent is lost over a million answers. */
import type { Usage } from "../domain/Usage.js"
import type { ModelInfo, Prices } from "./ModelInfo.js"

/**
 * What a usage costs in 10⁻¹⁵ dollars; `null` where a price is unknown or the counts contradict each other. The counts
 * are taken apart first, as a usage holds some inside others.
 */
export const exactCost = (usage: Usage, facts: ModelInfo | undefined): bigint | null => {
  if (facts?.prices === undefined) return null
  const classes = classesOf(usage, pricesAt(facts.prices, usage.inputTokens))
  return classes.every(isPriced) ? classes.reduce((sum, [tokens, price]) => sum + costOf(tokens, price), 0n) : null
}

/** The prices of a prompt of so many tokens: those of the highest tier that it is longer than. */
const pricesAt = ({ tiers = [], ...base }: NonNullable<ModelInfo["prices"]>, inputTokens: number): Prices =>
  tiers
    .filter((tier) => inputTokens > tier.above)
    .reduce((highest, tier) => (tier.above > highest.above ? tier : highest), { ...base, above: -1 })

type PricedTokens = readonly [tokens: number, price: number | undefined]

/** The counts of a usage without overlap, each with its price. */
const classesOf = (usage: Usage, prices: Prices): ReadonlyArray<PricedTokens> => {
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

/** Dollars per million tokens, of which 9 decimals count, are as many 10⁻¹⁵ dollars per token. */
const costOf = (tokens: number, price = 0): bigint => BigInt(tokens) * BigInt(Math.round(price * 1e9))

/** 10⁻¹⁵ dollars as dollars. Reading decimal digits rounds once and correctly, where dividing would round twice. */
export const toDollars = (exact: bigint): number => Number(`${exact}e-15`)

/** Dollars, of which 9 decimals count, as 10⁻¹⁵ dollars. */
export const fromDollars = (dollars: number): bigint => BigInt(Math.round(dollars * 1e9)) * 1_000_000n
