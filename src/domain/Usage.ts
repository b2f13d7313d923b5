/** The token counts of a response, defined alike for every provider. */
import * as Schema from "effect/Schema"
import { lazySchema } from "./lazy.js"

/**
 * Token counts of one response. `inputTokens` includes `cacheReadTokens` and `cacheWriteTokens`;
 * `outputTokens` includes `reasoningTokens`; `totalTokens` is the sum of the two. A count that the provider does
 * not report is 0.
 */
export interface Usage {
  /** Tokens of the input, cached ones included. */
  readonly inputTokens: number
  /** Tokens of the output, reasoning included. */
  readonly outputTokens: number
  /** `inputTokens` plus `outputTokens`. */
  readonly totalTokens: number
  /** Input tokens read from the provider's cache. */
  readonly cacheReadTokens: number
  /** Input tokens written to the provider's cache. */
  readonly cacheWriteTokens: number
  /** The part of `cacheWriteTokens` that is cached for an hour, which costs more; absent if there are none. */
  readonly cacheWriteHourTokens?: number | undefined
  /** Output tokens spent on reasoning. */
  readonly reasoningTokens: number
}

/** The schema of token counts. */
export const Usage: Schema.Schema<Usage> = lazySchema(() =>
  Schema.Struct({
    inputTokens: Schema.Number,
    outputTokens: Schema.Number,
    totalTokens: Schema.Number,
    cacheReadTokens: Schema.Number,
    cacheWriteTokens: Schema.Number,
    cacheWriteHourTokens: Schema.optional(Schema.Number),
    reasoningTokens: Schema.Number
  })
)

/** The counts that a provider reported, both totals inclusive. */
export interface Reported {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens?: number | null | undefined
  readonly cacheWriteTokens?: number | null | undefined
  readonly cacheWriteHourTokens?: number | null | undefined
  readonly reasoningTokens?: number | null | undefined
}

/** Completes reported counts: the total is the sum of input and output, and missing counts are 0. */
export const make = (reported: Reported): Usage => {
  const usage: Usage = {
    inputTokens: reported.inputTokens,
    outputTokens: reported.outputTokens,
    totalTokens: reported.inputTokens + reported.outputTokens,
    cacheReadTokens: reported.cacheReadTokens ?? 0,
    cacheWriteTokens: reported.cacheWriteTokens ?? 0,
    reasoningTokens: reported.reasoningTokens ?? 0
  }
  return reported.cacheWriteHourTokens ? { ...usage, cacheWriteHourTokens: reported.cacheWriteHourTokens } : usage
}

/** Adds the counts of two responses. */
export const sum = (one: Usage, other: Usage): Usage =>
  make({
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
    cacheWriteHourTokens: (one.cacheWriteHourTokens ?? 0) + (other.cacheWriteHourTokens ?? 0),
    reasoningTokens: one.reasoningTokens + other.reasoningTokens
  })
