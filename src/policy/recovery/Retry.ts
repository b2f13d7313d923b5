/** Tries again what time can fix, as long as the consumer has seen no output. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { durationProblem } from "../../domain/durationProblem.js"
import {
  isRetryable,
  isTransient,
  type LLMError,
  type NetworkError,
  type RateLimitError,
  withAttempts,
  withHint
} from "../../domain/LLMError.js"
import { once } from "../../domain/lazy.js"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import type { CallOptions, Policy } from "../../provider/Provider.js"
import { waitingFor } from "../callWait.js"
import { checkedPolicy } from "../checkedPolicy.js"
import { clockStandsStill, unlessClockStandsStill } from "../standingClock.js"
import type { RetryBudget } from "./RetryBudget.js"
import { recover } from "./recover.js"

/** How calls are retried. */
export interface RetryOptions {
  /** The retries after a `RateLimitError`: 3 by default, after 1, 2 and 4 seconds. */
  readonly rateLimit?: Schedule.Schedule<unknown, RateLimitError> | undefined
  /** The retries after a `NetworkError`: 3 by default, after 2, 3 and 4.5 seconds. */
  readonly network?: Schedule.Schedule<unknown, NetworkError> | undefined
  /**
   * The longest hint of the provider that is followed, 120 seconds by default; a longer one fails the call at once. It
   * limits neither the schedule nor the random addition.
   */
  readonly maxRetryDelay?: Duration.DurationInput | undefined
  /** Limits the retries of all calls that share it, so that an outage does not multiply the traffic. */
  readonly budget?: RetryBudget | undefined
}

/** Three delays that grow by a factor. */
const growing = (first: Duration.DurationInput, factor: number) =>
  Schedule.intersect(Schedule.exponential(first, factor), Schedule.recurs(3))

/**
 * Tries again after a `RateLimitError` or `NetworkError`. It waits for the schedule's delay or the provider's hint,
 * whichever is longer, plus up to a quarter of it at random so that many callers do not return at once. It stops at the
 * first content, reasoning or tool call, so that no consumer reads output twice. The error that remains counts in
 * `attempts` the requests that were made, those of a fallback inside included.
 *
 * It waits on Effect's `Clock`. Under `it.effect` that is `TestClock`, which a test must advance; if it stands still for 3
 * seconds of real time, the call fails with the provider's error and says so. With an option that cannot be right, every
 * call is a `ValidationError`.
 *
 * ```ts
 * const retry = Policy.retry({ network: Schedule.recurs(1), maxRetryDelay: "5 seconds" })
 * LLMClient.chat({ messages }, { policies: [retry] })
 * ```
 */
export const retry = (options: RetryOptions = {}): Policy =>
  checkedPolicy("the retry", [durationProblem("maxRetryDelay", options.maxRetryDelay ?? 0)], () => retrying(options))

const retrying = (options: RetryOptions): Policy => {
  const maxRetryDelay = Duration.decode(options.maxRetryDelay ?? "120 seconds")
  const rateLimit = once(() => withHints(options.rateLimit ?? growing("1 second", 2), options.budget))
  const network = once(() => withHints(options.network ?? growing("2 seconds", 1.5), options.budget))
  return recover((target, call) =>
    Effect.sync(() => {
      const attempts = new Attempts(
        { rateLimit: new Delays(rateLimit), network: new Delays(network), maxRetryDelay, budget: options.budget },
        call
      )
      return {
        beforeOutput: (error) => Effect.as(attempts.waitOrFail(error), target),
        afterOutput: (error) => attempts.count(error),
        onComplete: () => options.budget?.refill()
      }
    })
  )
}

const standingClockHint =
  "the retry waits on the test's clock, which stands still; advance it with TestClock.adjust, use it.live, or set policies: [] in the layer"

/** Waits at least as long as the provider's hint and a little more, as long as the budget lasts. */
const withHints = <E extends RateLimitError | NetworkError>(
  schedule: Schedule.Schedule<unknown, E>,
  budget: RetryBudget | undefined
) =>
  Schedule.identity<E>().pipe(
    Schedule.intersect(schedule),
    Schedule.check(() => budget?.take() ?? true),
    Schedule.modifyDelayEffect(([error], delay) =>
      Effect.map(Random.next, (random) =>
        Duration.times(Duration.max(delay, error.retryAfter ?? Duration.zero), 1 + random / 4)
      )
    )
  )

/** The delays of one call. Its schedule starts at the first failure, as most calls have none. */
class Delays<E> {
  private driver: Schedule.ScheduleDriver<unknown, E> | undefined

  constructor(private readonly schedule: () => Schedule.Schedule<unknown, E>) {}

  /** Waits until it is time to try again; fails when the schedule is over. */
  next(error: E): Effect.Effect<unknown, unknown> {
    return Effect.gen(this, function* () {
      this.driver ??= yield* Schedule.driver(this.schedule())
      yield* this.driver.next(error)
    })
  }
}

/** Measures how long a wait takes. */
const timed = <E>(wait: Effect.Effect<unknown, E>): Effect.Effect<number, E> =>
  Effect.flatMap(currentMonotonicMillis, (before) =>
    Effect.map(Effect.zipRight(wait, currentMonotonicMillis), (after) => after - before)
  )

/** What bounds the attempts of one call. */
interface AttemptLimits {
  readonly rateLimit: Delays<RateLimitError>
  readonly network: Delays<NetworkError>
  readonly maxRetryDelay: Duration.Duration
  readonly budget: RetryBudget | undefined
}

/** The attempts of one call. */
class Attempts {
  /** The requests of the attempts that failed; a fallback inside sends several per attempt. */
  private failed = 0

  constructor(
    private readonly limits: AttemptLimits,
    private readonly call: CallOptions | undefined
  ) {}

  /** Puts the number of requests made into a failure. */
  count(error: LLMError): LLMError {
    return withAttempts(error, this.failed + error.attempts)
  }

  private begin(error: LLMError, waitMillis: number): void {
    this.failed += error.attempts
    this.call?.observer?.onEvent({ type: "retry", error, attempts: this.failed + 1, waitMillis })
  }

  /** Waits until it is time to try again, or fails with the failure itself. */
  waitOrFail(error: LLMError): Effect.Effect<void, LLMError> {
    return Effect.suspend(() => {
      const giveUp = Effect.fail(this.count(error))
      if (!isRetryable(error) || !isTransient(error)) return giveUp
      const { rateLimit, network, maxRetryDelay } = this.limits
      if (Duration.greaterThan(error.retryAfter ?? Duration.zero, maxRetryDelay)) return giveUp
      const delay = error._tag === "RateLimitError" ? rateLimit.next(error) : network.next(error)
      return Effect.matchEffect(timed(waitingFor(unlessClockStandsStill(delay), this.call, error)), {
        onFailure: (reason) =>
          reason === clockStandsStill ? Effect.fail(withHint(this.count(error), standingClockHint)) : giveUp,
        onSuccess: (waitMillis) => Effect.sync(() => this.begin(error, waitMillis))
      })
    })
  }
}

/** The default policy: retry with default settings. */
export const defaultPolicy: Policy = retry()
