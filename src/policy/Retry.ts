/** Tries again what can pass with time, as long as nothing has been shown to the reader. */
import { Duration, Effect, Random, Schedule } from "effect"
import {
  isRetryable,
  isTransient,
  type LLMError,
  type NetworkError,
  type RateLimitError,
  withAttempts
} from "../domain/LLMError.js"
import { once } from "../domain/once.js"
import { mapEmbed, type Policy } from "../provider/Provider.js"
import type { RetryBudget } from "./RetryBudget.js"
import { recover } from "./recover.js"

/** How to try again. */
export interface RetryOptions {
  /** How often and how far apart after a `RateLimitError`: 3 times, from 1 s doubling to at most 120 s by default. */
  readonly rateLimit?: Schedule.Schedule<unknown, RateLimitError> | undefined
  /** The same after a `NetworkError`: 3 times, from 2 s growing by half to at most 30 s by default. */
  readonly network?: Schedule.Schedule<unknown, NetworkError> | undefined
  /** The longest wait, 120 seconds by default; when the provider asks for more, the call fails at once. */
  readonly maxRetryDelay?: Duration.DurationInput | undefined
  /** Bounds the retries of all calls that share it, so that an outage does not multiply the traffic. */
  readonly budget?: RetryBudget | undefined
}

/** Delays that grow by a factor up to a limit, so many times. */
const growing = (first: Duration.DurationInput, factor: number, most: Duration.DurationInput) =>
  Schedule.exponential(first, factor).pipe(
    Schedule.modifyDelay((_, delay) => Duration.min(delay, most)),
    Schedule.intersect(Schedule.recurs(3))
  )

/**
 * Tries again after a failure that can pass, waiting for the longer of the schedule's delay and the provider's hint,
 * plus up to a quarter of it so that many callers do not come back at once. Stops at the first content, reasoning or
 * tool call, so that nobody reads anything twice. The error that is left says in `attempts` how many requests were made.
 *
 * ```ts
 * LLMClient.chat({ messages }, { policy: retry({ network: Schedule.recurs(1), maxRetryDelay: "5 seconds" }) })
 * ```
 */
export const retry = (options: RetryOptions = {}): Policy => {
  const maxRetryDelay = Duration.decode(options.maxRetryDelay ?? "120 seconds")
  const rateLimit = once(() => polite(options.rateLimit ?? growing("1 second", 2, "120 seconds"), options.budget))
  const network = once(() => polite(options.network ?? growing("2 seconds", 1.5, "30 seconds"), options.budget))
  const attempts = Effect.sync(
    () => new Attempts(new Waits(rateLimit), new Waits(network), maxRetryDelay, options.budget)
  )
  const retried = <A>(effect: Effect.Effect<A, LLMError>): Effect.Effect<A, LLMError> =>
    Effect.flatMap(attempts, (state) => {
      const attempt: Effect.Effect<A, LLMError> = Effect.catchAll(effect, (error) =>
        Effect.zipRight(state.waitOrFail(error), attempt)
      )
      return Effect.tap(attempt, () => state.succeeded)
    })
  return (provider) => ({
    ...provider,
    chat: (request, options) => retried(provider.chat(request, options)),
    chatStream: (request, options) => {
      const stream = provider.chatStream(request, options)
      const recovery = Effect.map(attempts, (state) => ({
        early: (error: LLMError) => Effect.as(state.waitOrFail(error), stream),
        late: (error: LLMError) => state.count(error),
        complete: state.succeeded
      }))
      return recover(stream, recovery)
    },
    embed: mapEmbed(provider.embed, (embed) => (request, options) => retried(embed(request, options)))
  })
}

/** Waits at least as long as the provider asks and a little more, as long as the budget lasts. */
const polite = <E extends RateLimitError | NetworkError>(
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

/** A schedule that is begun at the first failure, as most calls have none. */
class Waits<E> {
  private begun: Schedule.ScheduleDriver<unknown, E> | undefined

  constructor(private readonly schedule: () => Schedule.Schedule<unknown, E>) {}

  /** Waits until it is time to try again; fails when the schedule is over. */
  next(error: E): Effect.Effect<unknown, unknown> {
    return Effect.gen(this, function* () {
      this.begun ??= yield* Schedule.driver(this.schedule())
      yield* this.begun.next(error)
    })
  }
}

/** The attempts of one call. */
class Attempts {
  private made = 1

  constructor(
    private readonly rateLimits: Waits<RateLimitError>,
    private readonly networks: Waits<NetworkError>,
    private readonly maxRetryDelay: Duration.Duration,
    private readonly budget: RetryBudget | undefined
  ) {}

  /** Notes that the call was answered. */
  readonly succeeded: Effect.Effect<void> = Effect.sync(() => this.budget?.refill())

  /** Puts the number of requests made into a failure. */
  count(error: LLMError): LLMError {
    return withAttempts(error, this.made)
  }

  /** Waits until it is time to try again, or fails with the failure itself. */
  waitOrFail(error: LLMError): Effect.Effect<void, LLMError> {
    return Effect.suspend(() => {
      const giveUp = Effect.fail(this.count(error))
      if (!isRetryable(error) || !isTransient(error)) return giveUp
      if (Duration.greaterThan(error.retryAfter ?? Duration.zero, this.maxRetryDelay)) return giveUp
      this.made++
      const annotated = Effect.annotateCurrentSpan("llm_connectivity.attempts", this.made)
      const wait = error._tag === "RateLimitError" ? this.rateLimits.next(error) : this.networks.next(error)
      return Effect.zipRight(
        Effect.catchAll(wait, () => giveUp),
        annotated
      )
    })
  }
}

/** What callers get who say nothing: retries with the defaults. */
export const defaultPolicy: Policy = retry()
