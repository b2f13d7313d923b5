/** How many tokens an answer took, in one view whoever the provider is. */
import { Schema } from "effect"
import { lazySchema } from "./Field.js"

/**
 * Token counts of one answer. `inputTokens` includes `cacheReadTokens` and `cacheWriteTokens`;
 * `outputTokens` includes `reasoningTokens`; `totalTokens` is the sum of the two. A count that the provider does
 * not report is 0.
 */
export interface Usage {
  /** Tokens of the prompt, cached ones included. */
  readonly inputTokens: number
  /** Tokens of the answer, reasoning included. */
  readonly outputTokens: number
  /** Both together. */
  readonly totalTokens: number
  /** Prompt tokens read from the provider's cache. */
  readonly cacheReadTokens: number
  /** Prompt tokens written to the provider's cache. */
  readonly cacheWriteTokens: number
  /** Those of `cacheWriteTokens` that the cache keeps for an hour, which costs more; left out where there are none. */
  readonly cacheWriteHourTokens?: number | undefined
  /** Completion tokens spent on reasoning. */
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

/** Completes reported counts: the total is the sum of both sides, what is missing is 0. */
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
