import { describe, expect, it } from "@effect/vitest"
import { Chunk, Duration, Effect, Fiber, Layer, Stream, TestClock } from "effect"
import {
  type CallOptions,
  type ChatRequest,
  LLMClient,
  OpenAI,
  Policy,
  PolicyState,
  RateLimitError
} from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { make as makeUsage } from "../../../src/domain/Usage.js"

const request: ChatRequest = { messages: [{ role: "user", content: "Hello" }], maxTokens: 90 }

const clientOf = (options: Policy.RateLimitOptions, answers: MockResponses = () => ["Hi"]) =>
  LLMClient.fromProvider(OpenAI, { model: "m", policies: [], limits: [Policy.rateLimit(options)] }).pipe(
    Layer.provideMerge(MockLLM.provider(OpenAI, answers)),
    Layer.provide(PolicyState.memory)
  )

const now = Effect.map(TestClock.currentTimeMillis, Math.round)

/** Calls at once, and when each was answered. */
const times = (calls: ReadonlyArray<CallOptions>) =>
  Effect.gen(function* () {
    const order: Array<readonly [string | undefined, number]> = []
    const fiber = yield* Effect.forEach(
      calls,
      (call) =>
        Effect.flatMap(LLMClient.chat(request, call), () =>
          Effect.map(now, (at) => order.push([call.caller, at] as const))
        ),
      { concurrency: "unbounded" }
    ).pipe(Effect.fork)
    for (let step = 0; step < 45; step++) yield* TestClock.adjust("125 millis")
    yield* Fiber.join(fiber)
    return order
  })

const perSecond: Policy.RateLimitOptions = { requests: 10, per: "1 second", burst: 0.2, maxWait: "20 seconds" }

describe("a rate limit", () => {
  const invalid: ReadonlyArray<readonly [Partial<Policy.RateLimitOptions>, RegExp]> = [
    [{ requests: undefined }, /no limit; set requests, tokens/],
    [{ requests: 0 }, /requests is 0; write a whole number/],
    [{ tokens: 1.5 }, /tokens is 1.5; write a whole number/],
    [{ per: 0 }, /per is 0; write a duration/],
    [{ per: Number.POSITIVE_INFINITY }, /per is Infinity; write a duration/],
    [{ maxWait: "soon" as Duration.DurationInput }, /maxWait is "soon"; write a duration/],
    [{ burst: 1 }, /burst is 1; write the fraction/],
    [{ assumedOutputTokens: -1 }, /assumedOutputTokens is -1/]
  ]
  it.effect.each(invalid)("fails the layer where an option cannot be right: %j", ([options, message]) =>
    Effect.gen(function* () {
      const layer = clientOf({ requests: 10, per: "1 second", maxWait: "1 second", ...options })
      const error = yield* Effect.flip(Effect.provide(LLMClient.chat(request), layer))
      expect(error._tag).toBe("ValidationError")
      expect(error.message).toMatch(message)
    })
  )

  it.effect("lets the burst through and spaces the rest, so that no window holds more than the limit", () =>
    Effect.gen(function* () {
      const at = (yield* times(Array.from({ length: 40 }, () => ({})))).map(([, time]) => time)
      // The first after the burst leaves a tenth of a second later, as the burst may be that late on its way.
      expect(at.slice(0, 4)).toEqual([0, 0, 225, 350])
      for (const start of at)
        expect(at.filter((time) => time >= start && time < start + 1000).length).toBeLessThanOrEqual(10)
      expect(Math.max(...at)).toBeLessThanOrEqual(5000)
    }).pipe(Effect.provide(clientOf(perSecond)))
  )

  it.effect("rejects a request that is wrong, and still holds for the others", () =>
    Effect.gen(function* () {
      const wrong: ReadonlyArray<unknown> = [
        undefined,
        {},
        { messages: [null] },
        { messages: [{ role: "user", content: 5 }] },
        { ...request, tools: null },
        { ...request, maxTokens: Number.NaN }
      ]
      for (const each of wrong) {
        // As JavaScript may call it.
        const error = yield* Effect.flip(LLMClient.chat(each as ChatRequest))
        expect(error._tag).toBe("ValidationError")
      }
      yield* LLMClient.chat(request)
      expect(yield* Effect.flip(LLMClient.chat(request))).toMatchObject({ _tag: "RateLimitError" })
    }).pipe(Effect.provide(clientOf({ tokens: 100, per: "1 minute", maxWait: 0 })))
  )

  it.effect("keeps one caller's own limit apart from the limit of all around it", () =>
    Effect.gen(function* () {
      const ask = (caller: string) => Effect.either(LLMClient.chat(request, { caller }))
      yield* ask("one")
      expect(yield* ask("one")).toMatchObject({ _tag: "Left", left: { _tag: "RateLimitError" } })
      expect(yield* ask("other")).toMatchObject({ _tag: "Right" })
    }).pipe(
      Effect.provide(
        LLMClient.fromProvider(OpenAI, {
          model: "m",
          policies: [],
          limits: [
            Policy.rateLimit({ name: "all", requests: 1000, per: "1 minute", maxWait: "1 second" }),
            Policy.rateLimit({ name: "each", perKey: true, requests: 1, per: "1 minute", maxWait: 0 })
          ]
        }).pipe(Layer.provide(MockLLM.provider(OpenAI, () => "Hi")), Layer.provide(PolicyState.memory))
      )
    )
  )

  it.effect("is fair to clients that share it, though one of them floods", () =>
    Effect.gen(function* () {
      const state = yield* Layer.build(PolicyState.memory)
      const counts = [0, 0, 0, 0]
      const client = LLMClient.fromProvider(OpenAI, {
        model: "m",
        policies: [],
        limits: [Policy.rateLimit(perSecond)]
      }).pipe(Layer.provide(MockLLM.provider(OpenAI, () => ["Hi"])), Layer.provide(Layer.succeedContext(state)))
      const fibers = yield* Effect.forEach([50, 10, 10, 10], (callers, index) =>
        Effect.forEach(
          Array.from({ length: callers }),
          () =>
            Effect.tap(LLMClient.chat(request), () => {
              counts[index] = (counts[index] ?? 0) + 1
            }),
          { concurrency: "unbounded" }
        ).pipe(Effect.provide(Layer.fresh(client)), Effect.fork)
      )
      for (let step = 0; step < 32; step++) yield* TestClock.adjust("125 millis")
      yield* Fiber.interruptAll(fibers)
      const sum = counts.reduce((one, other) => one + other, 0)
      expect(sum).toBeGreaterThanOrEqual(32)
      expect(sum ** 2 / (4 * counts.reduce((total, count) => total + count ** 2, 0))).toBeGreaterThanOrEqual(0.98)
    }).pipe(Effect.scoped)
  )

  it.effect("fails at once, with the wait and without a request, where the wait is longer than maxWait", () =>
    Effect.gen(function* () {
      yield* LLMClient.chat(request)
      const error = yield* Effect.flip(LLMClient.chat(request))
      expect(error).toBeInstanceOf(RateLimitError)
      expect(error).toMatchObject({ attempts: 0, provider: "openai", retryable: true })
      expect(error._tag === "RateLimitError" && Duration.toMillis(error.retryAfter ?? 0)).toBeGreaterThan(59_000)
      expect((yield* MockLLM.requests).length).toBe(1)
      yield* TestClock.adjust("70 seconds")
      yield* LLMClient.chat(request)
    }).pipe(Effect.provide(clientOf({ requests: 1, per: "1 minute", maxWait: "1 second" })))
  )

  it.effect("lets callers that wait go in turn, and higher priorities first", () =>
    Effect.gen(function* () {
      const flood = Array.from({ length: 12 }, () => ({ caller: "flood" }))
      const order = yield* times([
        ...flood,
        { caller: "small" },
        { caller: "small" },
        { caller: "urgent", priority: 1 }
      ])
      const callers = order.map(([caller]) => caller)
      // The first call did not have to wait.
      expect(callers.slice(0, 2)).toEqual(["flood", "urgent"])
      expect(callers.slice(2, 6).filter((caller) => caller === "small")).toHaveLength(2)
    }).pipe(Effect.provide(clientOf(perSecond)))
  )

  it.effect("lets the keys of a function go in turn, by the call's provider, model and caller", () =>
    Effect.gen(function* () {
      const flood = Array.from({ length: 12 }, (_, index) => ({ caller: `flood/${index}` }))
      const callers = (yield* times([...flood, { caller: "small/1" }, { caller: "small/2" }])).map(([caller]) => caller)
      const positions = ["small/1", "small/2"].map((caller) => callers.indexOf(caller))
      // Without the key each caller is one of fourteen, and those who came last would wait for all others.
      expect(Math.max(...positions)).toBeLessThanOrEqual(5)
    }).pipe(
      Effect.provide(
        clientOf({
          ...perSecond,
          key: ({ provider, model, caller }) => `${provider}/${model}/${caller?.split("/")[0]}`
        })
      )
    )
  )

  it.effect("gives each key the limit of its own with perKey", () =>
    Effect.gen(function* () {
      const order = yield* times([{ caller: "a" }, { caller: "b" }, { caller: "c" }])
      expect(order.map(([, at]) => at)).toEqual([0, 0, 0])
    }).pipe(Effect.provide(clientOf({ requests: 1, per: "1 second", maxWait: "9 seconds", perKey: true })))
  )

  it.effect("reserves the prompt and maxTokens, and gives back what the answer did not use", () =>
    Effect.gen(function* () {
      const at = (yield* times([{}, {}, {}])).map(([, time]) => time)
      // At 10 tokens a second, what each reserves would take 10 seconds, and what it uses takes 2.
      expect(Math.max(...at)).toBeLessThan(5000)
    }).pipe(
      Effect.provide(
        clientOf({ tokens: 200, per: "10 seconds", burst: 0.5, maxWait: "60 seconds" }, () => [
          { content: "Hi", finishReason: "stop", usage: makeUsage({ inputTokens: 10, outputTokens: 10 }) }
        ])
      )
    )
  )

  it.effect("refuses a request that is larger than the limit, and forbids retries", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(LLMClient.chat({ ...request, maxTokens: 500 }))).toMatchObject({ retryable: false })
      expect(yield* MockLLM.requests).toEqual([])
    }).pipe(Effect.provide(clientOf({ tokens: 200, per: "10 seconds", maxWait: "60 seconds" })))
  )

  it.effect("gives a slot back when the caller leaves while it waits", () =>
    Effect.gen(function* () {
      yield* LLMClient.chat(request)
      const leaving = yield* Effect.fork(LLMClient.chat(request))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(leaving)
      const next = yield* Effect.fork(LLMClient.chat(request))
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(next)
    }).pipe(Effect.provide(clientOf({ requests: 1, per: "10 seconds", maxWait: "60 seconds" })))
  )

  it.effect("waits for all calls after a hint of the provider", () =>
    Effect.gen(function* () {
      yield* Effect.flip(LLMClient.chat(request))
      const next = yield* Effect.fork(LLMClient.chat(request))
      yield* TestClock.adjust("600 millis")
      expect((yield* MockLLM.requests).length).toBe(1)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(next)
    }).pipe(
      Effect.provide(
        clientOf(perSecond, [
          new RateLimitError({
            provider: "openai",
            model: "m",
            reason: "RateLimit",
            message: "…",
            retryAfter: Duration.millis(700)
          }),
          ["Hi"]
        ])
      )
    )
  )

  it.effect("applies to each attempt of a retry, and cannot be dropped by a call", () =>
    Effect.gen(function* () {
      yield* LLMClient.chat(request, { policies: [] })
      expect(yield* Effect.flip(LLMClient.chat(request, { policies: [] }))).toMatchObject({ _tag: "RateLimitError" })
    }).pipe(Effect.provide(clientOf({ requests: 1, per: "1 minute", maxWait: 0 })))
  )
})

describe("a concurrency bound", () => {
  it.effect("holds until streams end or their consumers leave", () =>
    Effect.gen(function* () {
      const stream = LLMClient.chatStream(request)
      const first = yield* Effect.fork(Stream.runCollect(stream))
      yield* TestClock.adjust("1 second")
      const second = yield* Effect.fork(Stream.runCollect(Stream.take(stream, 1)))
      yield* TestClock.adjust("1 second")
      expect((yield* MockLLM.requests).length).toBe(1)
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("20 seconds")
      expect(Chunk.size(yield* Fiber.join(second))).toBe(1)
      yield* LLMClient.chat(request).pipe(Effect.fork)
      yield* TestClock.adjust("1 second")
      expect((yield* MockLLM.requests).length).toBe(3)
      const refused = yield* Effect.fork(Effect.flip(LLMClient.chat(request)))
      yield* TestClock.adjust("5 seconds")
      expect(yield* Fiber.join(refused)).toMatchObject({ _tag: "RateLimitError", attempts: 0 })
    }).pipe(
      Effect.provide(
        LLMClient.fromProvider(OpenAI, {
          model: "m",
          policies: [],
          limits: [Policy.concurrency({ requests: 1, maxWait: "5 seconds" })]
        }).pipe(Layer.provideMerge(MockLLM.provider(OpenAI, () => ["Hi", { pause: "10 seconds" }, " there"])))
      )
    )
  )
})
