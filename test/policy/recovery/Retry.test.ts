import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, identity, Layer, Random, Schedule, Stream, TestClock } from "effect"
import {
  AuthenticationError,
  LLMClient,
  type LLMError,
  NetworkError,
  OpenAI,
  Policy,
  RateLimitError
} from "llm-connectivity"
import { MockLLM, type MockResponse, type MockResponses } from "llm-connectivity/testing"
import { hello } from "../../support/openai.js"

const at = { provider: "openai", model: "gpt-4o-mini", message: "…" }
const limited = (retryAfter?: Duration.DurationInput) =>
  new RateLimitError({ ...at, reason: "RateLimit", ...(retryAfter ? { retryAfter: Duration.decode(retryAfter) } : {}) })
const broken = new NetworkError({ ...at, reason: "Connection" })

const client = (answers: MockResponses, policy?: Policy.Policy) =>
  LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini", ...(policy ? { policies: [policy] } : {}) }).pipe(
    Layer.provideMerge(MockLLM.provider(OpenAI, answers))
  )

/** Runs a chat on the test clock, without jitter, and records the second of each request. */
const timeline = (answers: ReadonlyArray<MockResponse>, policy?: Policy.Policy) =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const start = clock.unsafeCurrentTimeMillis()
    const seconds: Array<number> = []
    const recorded: MockResponses = (_, index) => {
      seconds.push((clock.unsafeCurrentTimeMillis() - start) / 1000)
      return answers[index] ?? "one request too many"
    }
    const fiber = yield* LLMClient.chatStream(hello).pipe(
      Stream.map((chunk) => chunk.content),
      Stream.mkString,
      Effect.either,
      Effect.provide(client(recorded, policy)),
      Effect.withRandom(Random.fixed([0])),
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    const result = yield* Fiber.join(fiber)
    const error: LLMError | undefined = result._tag === "Left" ? result.left : undefined
    return { seconds, text: result._tag === "Right" ? result.right : "", error }
  })

describe("the default policy", () => {
  it.effect("retries a rate limit three times, after 1, 2 and 4 seconds", () =>
    Effect.gen(function* () {
      const { seconds, error } = yield* timeline([limited(), limited(), limited(), limited()])
      expect(seconds).toEqual([0, 1, 3, 7])
      expect(error).toMatchObject({ _tag: "RateLimitError", attempts: 4 })
    })
  )

  it.effect("retries a network failure three times, after 2, 3 and 4.5 seconds", () =>
    Effect.gen(function* () {
      const { seconds, error } = yield* timeline([broken, broken, broken, broken])
      expect(seconds).toEqual([0, 2, 5, 9.5])
      expect(error).toMatchObject({ _tag: "NetworkError", attempts: 4 })
    })
  )

  it.effect("waits as long as retryAfter when it is longer than the schedule", () =>
    Effect.gen(function* () {
      expect((yield* timeline([limited("20 seconds"), "ok"])).seconds).toEqual([0, 20])
      expect((yield* timeline([limited("100 millis"), "ok"])).seconds).toEqual([0, 1])
    })
  )

  it.effect("fails immediately, with retryAfter on the error, when retryAfter exceeds maxRetryDelay", () =>
    Effect.gen(function* () {
      const { seconds, error } = yield* timeline([limited("1 hour")])
      expect(seconds).toEqual([0])
      expect(error).toMatchObject({ retryAfter: Duration.hours(1), attempts: 1 })
    })
  )

  it.effect("adds jitter and never shortens a delay", () =>
    Effect.gen(function* () {
      const fiber = yield* LLMClient.chat(hello).pipe(
        Effect.provide(client([limited("10 seconds"), "ok"])),
        Effect.withRandom(Random.fixed([0.999])),
        Effect.fork
      )
      yield* TestClock.adjust("12400 millis")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("100 millis")
      expect((yield* Fiber.join(fiber)).content).toBe("ok")
    })
  )

  it.effect("does not retry other errors", () =>
    Effect.gen(function* () {
      const { seconds, error } = yield* timeline([new AuthenticationError(at)])
      expect(seconds).toEqual([0])
      expect(error?._tag).toBe("AuthenticationError")
      expect((yield* timeline([new NetworkError({ ...at, reason: "Server", retryable: false })])).seconds).toEqual([0])
    })
  )

  it.effect.each([
    ["content", { content: "Hello wor" }],
    ["reasoning", { reasoning: "Let me see" }],
    ["a tool call", { toolCalls: [{ index: 0, id: "c", name: "f", arguments: "" }] }]
  ] as const)("does not retry after the stream has emitted %s", ([, emitted]) =>
    Effect.gen(function* () {
      const { seconds, error } = yield* timeline([[emitted, broken], "again"])
      expect(seconds).toEqual([0])
      expect(error).toMatchObject({ _tag: "NetworkError", attempts: 1 })
    })
  )

  it.effect("retries after chunks without content", () =>
    Effect.gen(function* () {
      expect((yield* timeline([[{ rawChunk: "role" }, broken], "ok"])).text).toBe("ok")
    })
  )

  it.effect("retries non-streaming responses", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.provide(LLMClient.chat(hello), client([broken, limited(), "ok"])))
      yield* TestClock.adjust("1 minute")
      expect((yield* Fiber.join(fiber)).content).toBe("ok")
    })
  )

  it.effect("stops waiting immediately when it is interrupted", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.provide(LLMClient.chat(hello), client([limited("100 seconds")])))
      yield* TestClock.adjust("10 seconds")
      expect((yield* Fiber.interrupt(fiber))._tag).toBe("Failure")
    })
  )
})

describe("a custom policy", () => {
  const once = Policy.retry({ network: Schedule.recurs(1), maxRetryDelay: "10 seconds" })

  it.effect("replaces the default policy of a layer", () =>
    Effect.gen(function* () {
      expect((yield* timeline([broken, broken], once)).seconds).toEqual([0, 0])
      expect((yield* timeline([limited("11 seconds")], once)).seconds).toEqual([0])
      expect((yield* timeline([broken], identity)).seconds).toEqual([0])
    })
  )

  it.effect("replaces the policy of the layer for one request", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat(hello, { policies: [] }))
      expect(error.attempts).toBe(1)
      expect(yield* MockLLM.requests).toHaveLength(1)
    }).pipe(Effect.provide(client([broken, "ok"])))
  )
})
