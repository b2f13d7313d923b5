/** Tries again what can pass with time, as long as nothing has been shown to the reader. */
import { Channel, Chunk, Duration, Effect, Random, Schedule, Stream } from "effect"
import {
  isRetryable,
  isTransient,
  type LLMError,
  type NetworkError,
  type RateLimitError,
  withAttempts
} from "../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"
import { mapEmbed, type Policy } from "../provider/Provider.js"

/** How to try again. */
export interface RetryOptions {
  /** How often and how far apart after a `RateLimitError`: 3 times, from 1 s doubling to at most 120 s by default. */
  readonly rateLimit?: Schedule.Schedule<unknown, RateLimitError> | undefined
  /** The same after a `NetworkError`: 3 times, from 2 s growing by half to at most 30 s by default. */
  readonly network?: Schedule.Schedule<unknown, NetworkError> | undefined
  /** The longest wait, 120 seconds by default; when the provider asks for more, the call fails at once. */
  readonly maxWait?: Duration.DurationInput | undefined
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
 */
export const retry = (options: RetryOptions = {}): Policy => {
  const maxWait = Duration.decode(options.maxWait ?? "120 seconds")
  const rateLimit = polite(options.rateLimit ?? growing("1 second", 2, "120 seconds"))
  const network = polite(options.network ?? growing("2 seconds", 1.5, "30 seconds"))
  const attempts = Effect.map(
    Effect.all([Schedule.driver(rateLimit), Schedule.driver(network)]),
    ([rateLimits, networks]) => new Attempts(rateLimits, networks, maxWait)
  )
  const retried = <A>(effect: Effect.Effect<A, LLMError>): Effect.Effect<A, LLMError> =>
    Effect.flatMap(attempts, (state) => {
      const attempt: Effect.Effect<A, LLMError> = Effect.catchAll(effect, (error) =>
        Effect.zipRight(state.waitOrFail(error), attempt)
      )
      return attempt
    })
  return (provider) => ({
    ...provider,
    chat: (request, options) => retried(provider.chat(request, options)),
    chatStream: (request, options) =>
      unwrap(Effect.map(attempts, (state) => retriedStream(provider.chatStream(request, options), state))),
    embed: mapEmbed(provider.embed, (embed) => (request, options) => retried(embed(request, options)))
  })
}

type Answer = Channel.Channel<Chunk.Chunk<StreamChunk>, unknown, LLMError>

/** Unwraps without the channel per read that `Stream.unwrap` would add. */
const unwrap = (channel: Effect.Effect<Answer>): Stream.Stream<StreamChunk, LLMError> =>
  Stream.fromChannel(Channel.unwrap(channel))

const retriedStream = (stream: Stream.Stream<StreamChunk, LLMError>, state: Attempts): Answer => {
  let hasShown = false
  const watched: Answer = Channel.mapOut(Stream.toChannel(stream), (chunks) => {
    if (!hasShown) hasShown = Chunk.some(chunks, hasOutput)
    return chunks
  })
  const attempt: Answer = Channel.catchAll(watched, (error) =>
    hasShown ? Channel.fail(state.count(error)) : Channel.zipRight(Channel.fromEffect(state.waitOrFail(error)), attempt)
  )
  return attempt
}

/** Waits at least as long as the provider asks, and a little more. */
const polite = <E extends RateLimitError | NetworkError>(schedule: Schedule.Schedule<unknown, E>) =>
  Schedule.identity<E>().pipe(
    Schedule.intersect(schedule),
    Schedule.modifyDelayEffect(([error], delay) =>
      Effect.map(Random.next, (random) =>
        Duration.times(Duration.max(delay, error.retryAfter ?? Duration.zero), 1 + random / 4)
      )
    )
  )

/** The attempts of one call. */
class Attempts {
  private made = 1

  constructor(
    private readonly rateLimits: Schedule.ScheduleDriver<unknown, RateLimitError>,
    private readonly networks: Schedule.ScheduleDriver<unknown, NetworkError>,
    private readonly maxWait: Duration.Duration
  ) {}

  /** Puts the number of requests made into a failure. */
  count(error: LLMError): LLMError {
    return withAttempts(error, this.made)
  }

  /** Waits until it is time to try again, or fails with the failure itself. */
  waitOrFail(error: LLMError): Effect.Effect<void, LLMError> {
    return Effect.suspend(() => {
      const giveUp = Effect.fail(this.count(error))
      if (!isRetryable(error) || !isTransient(error)) return giveUp
      if (Duration.greaterThan(error.retryAfter ?? Duration.zero, this.maxWait)) return giveUp
      this.made++
      const wait = error._tag === "RateLimitError" ? this.rateLimits.next(error) : this.networks.next(error)
      return Effect.asVoid(Effect.catchAll(wait, () => giveUp))
    })
  }
}

/** What callers get who say nothing: retries with the defaults. */
export const defaultPolicy: Policy = retry()
