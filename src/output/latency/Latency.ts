/** Measures the latency and the speed of a stream. */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Stream from "effect/Stream"
import type { TokenCount } from "../../catalog/countTokens.js"
import { RunningCount } from "../../catalog/countTokens.js"
import { estimateTokens } from "../../catalog/estimateTokens.js"
import { ChatStream, type Opening } from "../../domain/ChatStream.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import { type ContextOf, pendingOf } from "../Callback.js"
import { DurationHistogram, type DurationSummary, durationOf } from "./DurationHistogram.js"

/** The latency of one run of a stream. */
export interface Latency {
  /** How the run ended. `interrupted` means that the consumer stopped early, by an interruption or `take` for example. */
  readonly outcome: "complete" | "failed" | "interrupted"
  /** From the start of the run to the first chunk; `null` without a chunk. */
  readonly timeToFirstChunk: Duration.Duration | null
  /** From the start of the run to the first content, reasoning or tool call; `null` without any. */
  readonly timeToFirstContent: Duration.Duration | null
  /**
   * The time that the stream waited for each next chunk, without the consumer's own time; `null` with fewer than two
   * network reads. The chunks of one network read count as one.
   */
  readonly betweenChunks: DurationSummary | null
  /** From the start of the run to its end. */
  readonly total: Duration.Duration
  /** The number of chunks. */
  readonly chunks: number
  /** The tokens of the streamed output, as counted by the provider or estimated. */
  readonly tokens: TokenCount
  /** `tokens` divided by the time from the first content to the last; `null` if all content came at once. */
  readonly tokensPerSecond: number | null
}

/**
 * Measures a stream while it passes, by Effect's `Clock`, and calls back once, when the stream ends, fails or is
 * interrupted. The stream waits for a promise or an effect that the callback returns; a failure of the callback is a defect.
 *
 * ```ts
 * stream.pipe(withLatency(({ timeToFirstContent, tokensPerSecond }) => Effect.log(timeToFirstContent, tokensPerSecond)), collect)
 * ```
 */
export const withLatency: {
  <A>(
    onLatency: (latency: Latency) => A
  ): <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<StreamChunk, E, R | ContextOf<A>>
  <A, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    onLatency: (latency: Latency) => A
  ): Stream.Stream<StreamChunk, E, R | ContextOf<A>>
} = dual(
  2,
  <A, E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    onLatency: (latency: Latency) => A
  ): Stream.Stream<StreamChunk, E, R | ContextOf<A>> => {
    const open = Effect.flatMap(Effect.clock, (clock) => {
      const stopwatch = new Stopwatch(clock)
      const report = Effect.suspend(() => pendingOf("onLatency", onLatency(stopwatch.latency())) ?? Effect.void)
      return Effect.zipRight(
        Effect.addFinalizer(() => Effect.orDie(report)),
        measuredBy(stopwatch, stream)
      )
    })
    // `pendingOf` loses the context of the callback's return type.
    return ChatStream.make(open) as Stream.Stream<StreamChunk, E, R | ContextOf<A>>
  }
)

/**
 * Reads a stream to its end and gives its latency.
 *
 * ```ts
 * const { timeToFirstContent, tokensPerSecond } = yield* latencyOf(LLMClient.chatStream(request))
 * ```
 */
export const latencyOf = <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Effect.Effect<Latency, E, R> =>
  Effect.flatMap(Effect.clock, (clock) => {
    const stopwatch = new Stopwatch(clock)
    const measured = ChatStream.make(measuredBy(stopwatch, stream))
    return Effect.map(
      ChatStream.runForEachRead(measured, () => undefined),
      () => stopwatch.latency()
    )
  })

const measuredBy = <E, R>(stopwatch: Stopwatch, stream: Stream.Stream<StreamChunk, E, R>): Opening<E, R> => {
  const failed = (cause: Cause.Cause<E>) => {
    stopwatch.fail(cause)
    return Effect.failCause(cause)
  }
  return Effect.map(Effect.catchAllCause(ChatStream.open(stream), failed), (pull) => {
    const measured = Effect.matchCauseEffect(pull, {
      onSuccess: (chunks) => {
        if (chunks.length > 0) stopwatch.add(chunks)
        return Effect.succeed(chunks)
      },
      onFailure: failed
    })
    return Effect.suspend(() => {
      stopwatch.request()
      return measured
    })
  })
}

/** The times of one run, in nanoseconds from its start. A mutable class, because it runs for every chunk. */
class Stopwatch {
  private readonly startedAt: bigint
  private readonly durations = new DurationHistogram()
  private readonly estimate = new RunningCount(estimateTokens, false)
  private tokens: TokenCount = { tokens: 0, isExact: false }
  private outcome: Latency["outcome"] = "interrupted"
  private requestedAt = 0
  private firstChunkAt: number | undefined
  private firstContentAt: number | undefined
  private lastContentAt = 0
  private chunks = 0
  private hasReasoning = false

  constructor(private readonly clock: Clock.Clock) {
    this.startedAt = clock.unsafeCurrentTimeNanos()
  }

  private now(): number {
    return Number(this.clock.unsafeCurrentTimeNanos() - this.startedAt)
  }

  /** Called when the stream requests the next read. */
  request(): void {
    this.requestedAt = this.now()
  }

  add(chunks: ReadonlyArray<StreamChunk>): void {
    const now = this.now()
    if (this.firstChunkAt !== undefined) this.durations.add(now - this.requestedAt)
    this.firstChunkAt ??= now
    for (const chunk of chunks) this.addChunk(chunk, now)
  }

  private addChunk(chunk: StreamChunk, now: number): void {
    this.chunks += 1
    this.hasReasoning ||= chunk.reasoning !== ""
    if (hasOutput(chunk)) {
      this.firstContentAt ??= now
      this.lastContentAt = now
      const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("")
      this.tokens = this.estimate.add(`${chunk.reasoning}${chunk.content}${calls}`)
    }
    if (chunk.finishReason === null) return
    this.outcome = "complete"
    if (chunk.usage !== null) this.tokens = { tokens: this.streamedOf(chunk.usage), isExact: true }
  }

  /** Reasoning that is billed but not streamed came before the first content, so it does not count for the speed. */
  private streamedOf({ outputTokens, reasoningTokens }: Usage): number {
    return this.hasReasoning ? outputTokens : Math.max(0, outputTokens - reasoningTokens)
  }

  /** Called when the stream fails. */
  fail(cause: Cause.Cause<unknown>): void {
    if (!Cause.isInterruptedOnly(cause)) this.outcome = "failed"
  }

  latency(): Latency {
    const { outcome, chunks, tokens, firstContentAt = 0 } = this
    const seconds = (this.lastContentAt - firstContentAt) / 1e9
    return {
      outcome,
      timeToFirstChunk: durationOrNull(this.firstChunkAt),
      timeToFirstContent: durationOrNull(this.firstContentAt),
      betweenChunks: this.durations.summary(),
      total: durationOf(this.now()),
      chunks,
      tokens,
      tokensPerSecond: seconds > 0 ? tokens.tokens / seconds : null
    }
  }
}

const durationOrNull = (nanos: number | undefined): Duration.Duration | null =>
  nanos === undefined ? null : durationOf(nanos)
