/** Measures how fast an answer comes. */
import { Cause, Channel, type Chunk, type Clock, type Duration, Effect, Stream } from "effect"
import type { TokenCount } from "../../catalog/countTokens.js"
import { RunningCount } from "../../catalog/countTokens.js"
import { estimateTokens } from "../../catalog/estimateTokens.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import { type NeedsOf, waitingFor } from "../Callback.js"
import { DurationHistogram, type DurationSummary, durationOf } from "./DurationHistogram.js"

/** How fast an answer came. */
export interface Latency {
  /** Whether it came to its end, or else why not: it failed, or was left (by an interruption or `take`, for instance). */
  readonly outcome: "complete" | "failed" | "interrupted"
  /** From the beginning of the run to the first chunk; `null` if none came. */
  readonly timeToFirstChunk: Duration.Duration | null
  /** From the beginning of the run to the first content, reasoning or tool call; `null` if none came. */
  readonly timeToFirstContent: Duration.Duration | null
  /**
   * How long the next chunk was waited for, without the time that the program itself took; `null` with fewer than two.
   * Chunks that come in one network read come together, and are one.
   */
  readonly betweenChunks: DurationSummary | null
  /** From the beginning of the run to its end. */
  readonly total: Duration.Duration
  /** How many chunks came. */
  readonly chunks: number
  /** The tokens of what was shown: as the provider counted them, or else by estimate. */
  readonly tokens: TokenCount
  /** Those tokens over the time from the first content to the last; `null` where all came at once. */
  readonly tokensPerSecond: number | null
}

/**
 * Measures a stream while it passes, by Effect's `Clock`, and tells once how fast it came: when it ends, fails or is left.
 * A callback that returns a promise or an effect is waited for; where it fails, that is a defect.
 *
 * ```ts
 * stream.pipe(withLatency(({ timeToFirstContent, tokensPerSecond }) => Effect.log(timeToFirstContent, tokensPerSecond)), print)
 * ```
 */
export const withLatency =
  <Returned>(onLatency: (latency: Latency) => Returned) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<StreamChunk, E, R | NeedsOf<Returned>> => {
    const timed = Effect.map(Effect.clock, (clock) => {
      const stopwatch = new Stopwatch(clock)
      const tell = Effect.suspend(() => waitingFor("onLatency", onLatency(stopwatch.latency())) ?? Effect.void)
      return Channel.ensuring(stoppedBy(stopwatch, stream), Effect.orDie(tell))
    })
    // Besides its own needs it has those of what the callback returns, which its type tells.
    return Stream.fromChannel(Channel.unwrap(timed)) as Stream.Stream<StreamChunk, E, R | NeedsOf<Returned>>
  }

/**
 * Reads a stream to its end, and says how fast it came.
 *
 * ```ts
 * const { timeToFirstContent, tokensPerSecond } = yield* latencyOf(LLMClient.chatStream(request))
 * ```
 */
export const latencyOf = <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Effect.Effect<Latency, E, R> =>
  Effect.flatMap(Effect.clock, (clock) => {
    const stopwatch = new Stopwatch(clock)
    return Effect.map(Stream.runDrain(Stream.fromChannel(stoppedBy(stopwatch, stream))), () => stopwatch.latency())
  })

type Chunks = Chunk.Chunk<StreamChunk>

const stoppedBy = <E, R>(stopwatch: Stopwatch, stream: Stream.Stream<StreamChunk, E, R>) => {
  const read: Channel.Channel<Chunks, Chunks, E, E, unknown, unknown> = Channel.readWithCause({
    onInput: (chunks: Chunks) => {
      stopwatch.add(chunks)
      return Channel.flatMap(Channel.write(chunks), () => ask)
    },
    onFailure: (cause: Cause.Cause<E>) => {
      stopwatch.fail(cause)
      return Channel.failCause(cause)
    },
    onDone: () => Channel.void
  })
  const ask = Channel.suspend(() => {
    stopwatch.ask()
    return read
  })
  return Channel.pipeTo(Stream.toChannel(stream), ask)
}

/** The times of one run, in nanoseconds since it began. */
class Stopwatch {
  private readonly beganAt: bigint
  private readonly durations = new DurationHistogram()
  private readonly estimate = new RunningCount(estimateTokens, false)
  private tokens: TokenCount = { tokens: 0, isExact: false }
  private outcome: Latency["outcome"] = "interrupted"
  private askedAt = 0
  private firstChunkAt: number | undefined
  private firstContentAt: number | undefined
  private lastContentAt = 0
  private chunks = 0
  private showsReasoning = false

  constructor(private readonly clock: Clock.Clock) {
    this.beganAt = clock.unsafeCurrentTimeNanos()
  }

  private now(): number {
    return Number(this.clock.unsafeCurrentTimeNanos() - this.beganAt)
  }

  /** The next read is waited for. */
  ask(): void {
    this.askedAt = this.now()
  }

  add(chunks: Chunks): void {
    const now = this.now()
    if (this.firstChunkAt !== undefined) this.durations.add(now - this.askedAt)
    this.firstChunkAt ??= now
    for (const chunk of chunks) this.addChunk(chunk, now)
  }

  private addChunk(chunk: StreamChunk, now: number): void {
    this.chunks += 1
    this.showsReasoning ||= chunk.reasoning !== ""
    if (hasOutput(chunk)) {
      this.firstContentAt ??= now
      this.lastContentAt = now
      const calls = chunk.toolCalls.map((delta) => `${delta.name ?? ""}${delta.arguments}`).join("")
      this.tokens = this.estimate.add(`${chunk.reasoning}${chunk.content}${calls}`)
    }
    if (chunk.finishReason === null) return
    this.outcome = "complete"
    if (chunk.usage !== null) this.tokens = { tokens: this.shownOf(chunk.usage), isExact: true }
  }

  /** Reasoning that is only billed took its time before anything was shown. */
  private shownOf({ outputTokens, reasoningTokens }: Usage): number {
    return this.showsReasoning ? outputTokens : Math.max(0, outputTokens - reasoningTokens)
  }

  /** The stream itself has failed. */
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
