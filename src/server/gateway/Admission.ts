/** Limits how many requests a caller has in progress and in a minute. A request beyond a limit is rejected at once. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { amountProblem, countProblem } from "../../domain/checkOptions.js"
import type { OptionProblem } from "../../domain/durationProblem.js"
import type { RateLimitsService } from "../../policy/limits/RateLimits.js"
import type { CallerLimits, GatewayCaller } from "./Caller.js"
import { type Rejection, serverFailure } from "./Rejection.js"

/** Checks the limits of a caller, or of all callers. */
export const limitsProblem = (name: string, limits: CallerLimits): OptionProblem =>
  amountProblem(`${name}.concurrency`, limits.concurrency ?? 0) ??
  countProblem(`${name}.requestsPerMinute`, limits.requestsPerMinute ?? 1)

const defaults = { concurrency: 32, requestsPerMinute: 600 }

/** Counts the requests in progress of each caller. A mutable class, because every request changes it. */
export class Admission {
  private readonly inProgress = new Map<string, number>()

  constructor(
    private readonly store: RateLimitsService,
    private readonly limits: CallerLimits
  ) {}

  /** Admits one request until the scope closes, or refuses it. */
  admit(caller: GatewayCaller): Effect.Effect<void, Rejection, Scope.Scope> {
    const concurrency = caller.limits?.concurrency ?? this.limits.concurrency ?? defaults.concurrency
    const perMinute = caller.limits?.requestsPerMinute ?? this.limits.requestsPerMinute ?? defaults.requestsPerMinute
    const problem = caller.limits && limitsProblem(`the limits of ${caller.name}`, caller.limits)
    // A defect is a 500, and its message is in the log alone.
    if (problem !== undefined) return Effect.dieMessage(problem)
    return Effect.zipRight(this.enter(caller.name, concurrency), this.book(caller.name, perMinute))
  }

  private enter(name: string, concurrency: number): Effect.Effect<void, Rejection, Scope.Scope> {
    const take = Effect.suspend(() => {
      const count = this.inProgress.get(name) ?? 0
      if (count >= concurrency) return Effect.fail(tooMany(concurrency))
      this.inProgress.set(name, count + 1)
      return Effect.void
    })
    const leave = Effect.sync(() => {
      const left = (this.inProgress.get(name) ?? 1) - 1
      if (left > 0) this.inProgress.set(name, left)
      else this.inProgress.delete(name)
    })
    return Effect.acquireRelease(take, () => leave)
  }

  private book(name: string, perMinute: number): Effect.Effect<void, Rejection> {
    const burst = Math.max(1, Math.floor(perMinute / 10))
    const limit = { unit: "requests", limit: perMinute, burst, windowMillis: 60_000 }
    const request = { bucket: `gateway:${name}`, amounts: [{ limit, amount: 1 }], maxWaitMillis: 0 }
    return this.store.book(request).pipe(
      // Without its store the gateway cannot keep its limits.
      Effect.mapError((): Rejection => ({ ...serverFailure, shouldRetry: undefined })),
      Effect.flatMap(({ isBooked, waitMillis }) =>
        isBooked ? Effect.void : Effect.fail(tooFast(perMinute, Duration.millis(Math.ceil(waitMillis))))
      )
    )
  }
}

const tooMany = (concurrency: number): Rejection => ({
  kind: "rateLimit",
  message: `Rate limit reached: ${concurrency} requests are in progress. Please try again when one has ended.`,
  retryAfter: "1 second"
})

const tooFast = (perMinute: number, retryAfter: Duration.Duration): Rejection => ({
  kind: "rateLimit",
  message:
    `Rate limit reached on requests per min (RPM): Limit ${perMinute}. ` +
    `Please try again in ${Duration.toSeconds(retryAfter)}s.`,
  retryAfter
})
