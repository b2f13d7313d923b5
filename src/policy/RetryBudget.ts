/** A bound on the retries of many calls together. */
import { Effect } from "effect"

/** How large a budget is. */
export interface RetryBudgetOptions {
  /** How many retries can be made before any call succeeds; 10 by default. */
  readonly capacity?: number | undefined
  /** What part of a retry each success gives back; 0.1 by default, so that one call in ten may be tried again. */
  readonly refill?: number | undefined
}

/** A bucket of retries that successes refill; share one among the calls to one provider. */
export interface RetryBudget {
  /** Takes one retry, if one is left. */
  readonly take: () => boolean
  /** Gives back what a success earns. */
  readonly refill: () => void
}

/**
 * Makes a budget to give to `retry({ budget })`; when it is empty, failures come at once.
 *
 * ```ts
 * const policy = Effect.map(retryBudget({ capacity: 20 }), (budget) => retry({ budget }))
 * LLMClient.layer({ model: "openai/gpt-4o-mini", policy })
 * ```
 */
export const retryBudget = ({ capacity = 10, refill = 0.1 }: RetryBudgetOptions = {}): Effect.Effect<RetryBudget> =>
  Effect.sync(() => {
    let left = capacity
    return {
      take: () => {
        if (left < 1) return false
        left -= 1
        return true
      },
      refill: () => {
        left = Math.min(capacity, left + refill)
      }
    }
  })
