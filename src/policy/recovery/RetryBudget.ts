/** Limits the retries of many calls together, so that an outage does not multiply their traffic. */
import * as Effect from "effect/Effect"
import { amountProblem, checkOptions } from "../../domain/checkOptions.js"
import type { ValidationError } from "../../domain/LLMError.js"

/** The options of a retry budget. */
export interface RetryBudgetOptions {
  /** How many retries are available at first, and at most; 10 by default. */
  readonly capacity?: number | undefined
  /** How much of a retry each success adds; 0.1 by default, which allows one retry per ten successful calls. */
  readonly refill?: number | undefined
}

/** A token bucket of retries that successes refill. Share one among all calls to one provider. */
export interface RetryBudget {
  /** Takes one retry and returns `true`, or returns `false` if none remains. */
  readonly take: () => boolean
  /** Adds what a success earns. */
  readonly refill: () => void
}

/**
 * Makes a budget for `Policy.retry({ budget })`. While it is empty, calls fail without a retry. A negative number is a
 * `ValidationError`.
 *
 * ```ts
 * const retry = Effect.map(Policy.retryBudget({ capacity: 20 }), (budget) => Policy.retry({ budget }))
 * LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [retry] })
 * ```
 */
export const retryBudget = ({
  capacity = 10,
  refill = 0.1
}: RetryBudgetOptions = {}): Effect.Effect<RetryBudget, ValidationError> =>
  Effect.map(
    checkOptions("the retry budget", [amountProblem("capacity", capacity), amountProblem("refill", refill)]),
    () => {
      let remaining = capacity
      return {
        take: () => {
          if (remaining < 1) return false
          remaining -= 1
          return true
        },
        refill: () => {
          remaining = Math.min(capacity, remaining + refill)
        }
      }
    }
  )
