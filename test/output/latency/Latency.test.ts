import { describe, expect, it } from "@effect/vitest"
import { Chunk, Context, Duration, Effect, Exit, Fiber, Stream, TestClock } from "effect"
import { compareLatency, type Latency, LLMClient, latencyOf, type StreamChunk, withLatency } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { DurationHistogram, durationOf } from "../../../src/output/latency/DurationHistogram.js"
import { hello } from "../../support/openai.js"
import { answer, broken, chunksOf, cut, origin, saying } from "../../support/pieces.js"

const usage = {
  inputTokens: 3,
  outputTokens: 12,
  totalTokens: 15,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}

/** Runs an effect while the test clock advances by an hour. */
const withAdvancingClock = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

const millis = (duration: Duration.Duration | null | undefined) =>
  duration === null || duration === undefined ? duration : Duration.toMillis(duration)

const inMillis = (latency: Latency) => ({
  outcome: latency.outcome,
  timeToFirstChunk: millis(latency.timeToFirstChunk),
  timeToFirstContent: millis(latency.timeToFirstContent),
  max: millis(latency.betweenChunks?.max),
  median: millis(latency.betweenChunks?.median),
  total: millis(latency.total),
  chunks: latency.chunks
})

describe("the latency of a stream", () => {
  const stream = LLMClient.chatStream(hello)

  const script = MockLLM.layer([
    [
      { pause: 200 },
      {},
      { pause: 300 },
      "one ",
      { pause: 100 },
      "two ",
      { pause: 100 },
      "three",
      { pause: 400 },
      { finishReason: "stop", usage }
    ]
  ])

  it.effect("measures the time to the first chunk, to the first content, between chunks and in total", () =>
    Effect.gen(function* () {
      const latency = yield* withAdvancingClock(latencyOf(stream))
      expect(inMillis(latency)).toEqual({
        outcome: "complete",
        timeToFirstChunk: 200,
        timeToFirstContent: 500,
        max: 400,
        median: expect.closeTo(100, -1),
        total: 1100,
        chunks: 5
      })
      expect(latency.tokens).toEqual({ tokens: 12, isExact: true })
      // Twelve tokens from the first content to the last, 200 ms later.
      expect(latency.tokensPerSecond).toBe(60)
    }).pipe(Effect.provide(script))
  )

  it.effect("is reported once at the end, whether complete, failed or interrupted", () =>
    Effect.gen(function* () {
      const reported: Array<Latency> = []
      const timed = withLatency((latency) => reported.push(latency))
      const never = Stream.concat(saying("a"), Stream.never)
      const runs: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        Stream.runDrain(timed(answer("a"))),
        Stream.runDrain(timed(broken("a"))),
        Stream.runDrain(Stream.take(timed(never), 1)),
        Stream.runForEach(timed(never), () => Effect.fail("enough")),
        Effect.timeout(Stream.runDrain(timed(never)), "1 second"),
        Stream.runDrain(timed(Stream.take(answer("a"), 1))),
        Stream.runDrain(timed(Stream.concat(saying("a"), Stream.fromEffect(Effect.interrupt))))
      ]
      for (const run of runs) yield* withAdvancingClock(Effect.exit(run))
      expect(reported.map(({ outcome }) => outcome)).toEqual([
        "complete",
        "failed",
        ...Array.from({ length: 5 }, () => "interrupted")
      ])
      expect(reported.map(({ total }) => millis(total))).toEqual([0, 0, 0, 0, 1000, 0, 0])
    })
  )

  it.effect("passes the chunks and the failure unchanged", () =>
    Effect.gen(function* () {
      const timed = withLatency(() => {})
      expect(Chunk.toReadonlyArray(yield* Stream.runCollect(timed(answer("a", "b"))))).toEqual(
        chunksOf(["a", "b", { finishReason: "stop", origin }])
      )
      expect(yield* Effect.flip(Stream.runDrain(timed(broken("a"))))).toBe(cut)
    })
  )

  it.effect("excludes the consumer's own time from the durations, and counts each chunk of a read", () =>
    Effect.gen(function* () {
      const reads = Stream.fromChunks(
        Chunk.fromIterable(chunksOf(["a", "b", "c"])),
        Chunk.fromIterable(chunksOf(["d"]))
      )
      const reported: Array<Latency> = []
      const slowConsumer = Stream.runForEach(withLatency((latency) => reported.push(latency))(reads), () =>
        Effect.sleep("1 second")
      )
      yield* withAdvancingClock(slowConsumer)
      expect(reported.map(inMillis)).toMatchObject([{ chunks: 4, max: 0, total: 4000 }])
      expect(reported[0]?.betweenChunks?.max).toEqual(Duration.zero)
      expect(reported[0]?.timeToFirstContent).toEqual(Duration.zero)
    })
  )

  it.effect("counts the streamed tokens, and estimates them if the provider reports no usage", () =>
    Effect.gen(function* () {
      const tokensOf = (stream: Stream.Stream<StreamChunk>) => Effect.map(latencyOf(stream), ({ tokens }) => tokens)
      const reasoned = { finishReason: "stop", usage: { ...usage, reasoningTokens: 9 } } as const
      expect(yield* tokensOf(saying("Hello there", reasoned))).toEqual({ tokens: 3, isExact: true })
      expect(yield* tokensOf(saying({ reasoning: "Hm." }, "Hello", reasoned))).toEqual({ tokens: 12, isExact: true })
      expect(yield* tokensOf(answer("Hello", " there"))).toEqual({ tokens: 2, isExact: false })
    })
  )

  it.effect("is null for what did not happen", () =>
    Effect.gen(function* () {
      expect(yield* latencyOf(Stream.empty)).toEqual({
        outcome: "interrupted",
        timeToFirstChunk: null,
        timeToFirstContent: null,
        betweenChunks: null,
        total: Duration.zero,
        chunks: 0,
        tokens: { tokens: 0, isExact: false },
        tokensPerSecond: null
      })
      expect(yield* latencyOf(answer("all at once"))).toMatchObject({ tokensPerSecond: null })
    })
  )

  it.effect("accepts callbacks that return effects or promises, whose failure is a defect", () =>
    Effect.gen(function* () {
      class Log extends Context.Tag("Log")<Log, Array<string>>() {}
      const log: Array<string> = []
      const logging = withLatency(({ outcome }) => Effect.map(Log, (lines) => lines.push(outcome)))
      yield* Effect.provideService(Stream.runDrain(logging(answer("a"))), Log, log)
      yield* Stream.runDrain(withLatency(async ({ outcome }) => log.push(outcome))(answer("a")))
      expect(log).toEqual(["complete", "complete"])
      const exit = yield* Effect.exit(Stream.runDrain(withLatency(() => Effect.fail("no room"))(answer("a"))))
      expect(exit).toEqual(Exit.die("no room"))
    })
  )
})

describe("DurationHistogram", () => {
  it("summarizes durations within 1 %, in bounded memory", () => {
    const durations = new DurationHistogram()
    const nanos = Array.from({ length: 100_000 }, (_, index) => (index + 1) * 12_345)
    for (const duration of nanos) durations.add(duration)
    const summary = durations.summary()
    const within = (duration: Duration.Duration | undefined, expected: number) =>
      expect(Math.abs(Number(Duration.toMillis(duration ?? Duration.zero)) / (expected / 1e6) - 1)).toBeLessThan(0.0101)
    within(summary?.median, 50_000 * 12_345)
    within(summary?.p95, 95_000 * 12_345)
    expect(summary?.max).toEqual(durationOf(100_000 * 12_345))
    expect(Reflect.get(durations, "counts").size).toBeLessThan(1500)
  })

  it("is exact for equal durations, and null without durations", () => {
    const durations = new DurationHistogram()
    for (let index = 0; index < 10; index++) durations.add(100_000_000)
    const tenth = Duration.millis(100)
    expect(Duration.Equivalence(durations.summary()?.median ?? Duration.zero, tenth)).toBe(true)
    durations.add(0)
    expect(durations.summary()).toMatchObject({ max: durationOf(1e8) })
    expect(new DurationHistogram().summary()).toBeNull()
  })
})

describe("compareLatency", () => {
  it.effect("reports how much sooner streaming shows content", () =>
    Effect.gen(function* () {
      const { nonStreaming, streamed, timesSooner } = yield* withAdvancingClock(compareLatency(hello))
      expect(millis(nonStreaming)).toBe(1000)
      expect(millis(streamed.timeToFirstContent)).toBe(250)
      expect(timesSooner).toBe(4)
      expect(yield* MockLLM.requests).toHaveLength(2)
    }).pipe(Effect.provide(MockLLM.layer(() => [{ pause: 250 }, "Hello ", { pause: 750 }, "there"])))
  )

  it.effect("fails if either request fails", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(compareLatency(hello))).toBe(cut)
    }).pipe(Effect.provide(MockLLM.layer(["fine", ["a", cut]])))
  )
})
