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

/** Counts, both totals inclusive. */
export interface Counts {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens?: number | undefined
  readonly cacheWriteTokens?: number | undefined
  readonly cacheWriteHourTokens?: number | undefined
  readonly reasoningTokens?: number | undefined
}

/** Completes counts: the total is the sum of input and output, and missing counts are 0. */
export const make = (counts: Counts): Usage => {
  const usage: Usage = {
    inputTokens: counts.inputTokens,
    outputTokens: counts.outputTokens,
    totalTokens: counts.inputTokens + counts.outputTokens,
    cacheReadTokens: counts.cacheReadTokens ?? 0,
    cacheWriteTokens: counts.cacheWriteTokens ?? 0,
    reasoningTokens: counts.reasoningTokens ?? 0
  }
  return counts.cacheWriteHourTokens ? { ...usage, cacheWriteHourTokens: counts.cacheWriteHourTokens } : usage
}

// Far beyond every context window.
const maxCount = 1e9

/**
 * Reads one count of a report. A fraction is rounded up. Servers write -1 for a count that they do not know, and
 * anything else that is no count is unknown, too.
 */
export const countOf = (reported: number | null | undefined): number | undefined =>
  reported != null && reported >= 0 && reported <= maxCount ? Math.ceil(reported) : undefined

/** Reads the counts that a provider reports, both totals inclusive. Unknown counts are 0. */
export const read = (reported: { readonly [Count in keyof Counts]: Counts[Count] | null | undefined }): Usage =>
  make({
    inputTokens: countOf(reported.inputTokens) ?? 0,
    outputTokens: countOf(reported.outputTokens) ?? 0,
    cacheReadTokens: countOf(reported.cacheReadTokens),
    cacheWriteTokens: countOf(reported.cacheWriteTokens),
    cacheWriteHourTokens: countOf(reported.cacheWriteHourTokens),
    reasoningTokens: countOf(reported.reasoningTokens)
  })

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
