import { describe, expect, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, TestClock } from "effect"
import { Breakers, collect, NetworkError, Policy, Provider, StreamChunk } from "llm-connectivity"
import { Read } from "../../../src/domain/Read.js"
import type { CallObserver } from "../../../src/provider/CallObserver.js"
import { hello } from "../../support/openai.js"
import { withQuickClock } from "../../support/quickClock.js"

const down = new NetworkError({ provider: "mock", model: "m", message: "…", reason: "Server", status: 503 })

/** A provider that is down until a time, and counts its requests and when they came, in milliseconds from its beginning. */
const outage = Effect.fn(function* (untilMillis: number) {
  const startedAt = yield* Clock.currentTimeMillis
  const requests: Array<number> = []
  const provider = Provider.make({
    name: "mock",
    open: () =>
      Effect.flatMap(Clock.currentTimeMillis, (time) => {
        const now = time - startedAt
        requests.push(now)
        if (now < untilMillis) return Effect.fail(down)
        const reads = [[StreamChunk.make({ content: "ok", finishReason: "stop" })]]
        return Effect.succeed(
          Effect.delay(
            Effect.sync(() => reads.shift() ?? []),
            "50 millis"
          )
        )
      })
  })
  return { provider, requests }
})

/** Breakers that decide at once, and whose answer takes a while to come back. */
const distant = Layer.map(Breakers.memory, (context) => {
  const breakers = Context.get(context, Breakers)
  return Context.make(Breakers, {
    ...breakers,
    admit: (name, settings) => Effect.tap(breakers.admit(name, settings), () => Effect.sleep("5 millis"))
  })
})

const vectors = { embeddings: [[1]], usage: null, cost: null, model: "m", provider: "mock" }

const request = { ...hello, model: "m" }

describe("a circuit breaker", () => {
  it.effect("sends one probe when 200 callers wait for it, and lets the others follow slowly", () =>
    Effect.gen(function* () {
      const { provider, requests } = yield* outage(1000)
      const guarded = (yield* Policy.circuitBreaker())(provider)
      for (let failures = 0; failures < 5; failures++) yield* Effect.ignore(collect(guarded.chatStream(request)))
      const refused = yield* Effect.flip(collect(guarded.chatStream(request)))
      expect(refused).toMatchObject({ _tag: "NetworkError", attempts: 0 })
      expect(requests).toHaveLength(5)
      yield* TestClock.adjust("1 second")
      const burst = Effect.all(
        Array.from({ length: 200 }, () => Effect.either(collect(guarded.chatStream(request)))),
        { concurrency: "unbounded" }
      )
      const fiber = yield* Effect.fork(burst)
      yield* TestClock.adjust("200 millis")
      expect((yield* fiber).filter(({ _tag }) => _tag === "Right")).toHaveLength(1)
      expect(requests).toHaveLength(6)
      // Closed for 150 ms: two requests in all, then four, and so on.
      const next = yield* Effect.fork(burst)
      yield* TestClock.adjust("50 millis")
      yield* TestClock.adjust("50 millis")
      expect((yield* next).filter(({ _tag }) => _tag === "Right")).toHaveLength(1)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("lets another call probe when the caller of a probe leaves", () =>
    Effect.gen(function* () {
      const { provider, requests } = yield* outage(1000)
      const guarded = (yield* Policy.circuitBreaker({ failures: 1 }))(provider)
      yield* Effect.ignore(collect(guarded.chatStream(request)))
      yield* TestClock.adjust("1 second")
      const probe = yield* Effect.fork(collect(guarded.chatStream(request)))
      yield* TestClock.adjust("10 millis")
      yield* probe.interruptAsFork(probe.id())
      yield* probe.await
      const fiber = yield* Effect.fork(collect(guarded.chatStream(request)))
      yield* TestClock.adjust("1 second")
      expect((yield* fiber).content).toBe("ok")
      expect(requests).toHaveLength(3)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("lets another call probe when the caller leaves before the store has answered that it may", () =>
    Effect.gen(function* () {
      const { provider, requests } = yield* outage(1000)
      const guarded = (yield* Policy.circuitBreaker({ failures: 1 }))(provider)
      yield* Effect.fork(collect(guarded.chatStream(request)))
      yield* TestClock.adjust("1100 millis")
      const probe = yield* Effect.fork(collect(guarded.chatStream(request)))
      yield* Effect.yieldNow()
      yield* probe.interruptAsFork(probe.id())
      yield* TestClock.adjust("10 millis")
      yield* probe.await
      expect(requests).toHaveLength(1)
      const fiber = yield* Effect.fork(collect(guarded.chatStream(request)))
      yield* TestClock.adjust("1 second")
      expect((yield* fiber).content).toBe("ok")
      expect(requests).toHaveLength(2)
    }).pipe(Effect.provide(distant))
  )

  it.effect("lets another call probe when the probe is an embedding that dies", () =>
    Effect.gen(function* () {
      const results = [Effect.fail(down), Effect.die("a bug"), Effect.succeed(vectors)]
      const guarded = (yield* Policy.circuitBreaker({ failures: 1 }))(
        Provider.make({
          name: "mock",
          open: () => Effect.fail(down),
          embeddings: { maxBatchSize: 1, embed: () => Effect.suspend(() => results.shift() ?? Effect.fail(down)) }
        })
      )
      const embed = Effect.exit(guarded.embeddings?.embed({ input: "Hi", model: "m" }) ?? Effect.die("not reached"))
      yield* embed
      yield* TestClock.adjust("1 second")
      expect(Exit.isFailure(yield* embed)).toBe(true)
      expect(yield* embed).toEqual(Exit.succeed(vectors))
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("counts a response that breaks after its first output, and adds no effect to the reads of one", () =>
    Effect.gen(function* () {
      let requests = 0
      const broken: Provider = Provider.make({
        name: "mock",
        open: () =>
          Effect.sync(() => {
            requests += 1
            const reads = [[StreamChunk.make({ content: "half" })], [StreamChunk.make({ content: "way" })]]
            return Read.fromPoll(() => reads.shift() ?? Effect.fail(down))
          })
      })
      const guarded = (yield* Policy.circuitBreaker({ failures: 1 }))(broken)
      const pull = yield* Effect.scoped(guarded.open(request))
      yield* pull
      expect(Read.pollOf(pull)(() => {})).toMatchObject([{ content: "way" }])
      const ask = Effect.flip(collect(guarded.chatStream(request)))
      expect(yield* ask).toMatchObject({ attempts: 1 })
      expect(yield* ask).toMatchObject({ attempts: 0 })
      expect(requests).toBe(2)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect(
    "sends at most 1.1 requests per call through 10 s of 503, and recovers within 2 s",
    () =>
      Effect.gen(function* () {
        const { provider, requests } = yield* outage(10_000)
        const policy = Policy.compose(Policy.retry(), yield* Policy.circuitBreaker())
        const guarded = policy(provider)
        const startedAt = yield* Clock.currentTimeMillis
        const finished: Array<number> = []
        const call = Effect.flatMap(Effect.either(collect(guarded.chatStream(request))), ({ _tag }) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (_tag === "Right") finished.push(now - startedAt)
          })
        )
        const calls = 200
        for (let sent = 0; sent < calls; sent += 5) {
          for (let each = 0; each < 5; each++) yield* Effect.fork(call)
          yield* TestClock.adjust("300 millis")
        }
        yield* TestClock.adjust("20 seconds")
        const during = requests.filter((millis) => millis < 10_000)
        const first = Math.min(...finished)
        expect(requests.length / calls).toBeLessThanOrEqual(1.1)
        expect(during.length - 5).toBeLessThanOrEqual(10)
        expect(first).toBeLessThan(12_000)
      }).pipe(Effect.provide(Breakers.memory), withQuickClock),
    120_000
  )

  it.effect("reports each change of its state, and each request that it rejects, to the call that notices it", () =>
    Effect.gen(function* () {
      const { provider } = yield* outage(1000)
      const guarded = (yield* Policy.circuitBreaker({ failures: 2 }))(provider)
      const span = yield* Effect.makeSpan("chat")
      const statesOf = Effect.fn(function* () {
        const states: Array<string> = []
        const observer: CallObserver = {
          span,
          onEvent: (event) => {
            if (event.type === "breaker") states.push(`${event.name} ${event.state}`)
          }
        }
        const fiber = yield* Effect.fork(Effect.exit(collect(guarded.chatStream(request, { observer }))))
        yield* TestClock.adjust("100 millis")
        yield* fiber
        return states
      })
      expect(yield* statesOf()).toEqual([])
      expect(yield* statesOf()).toEqual(["mock/m open"])
      expect(yield* statesOf()).toEqual(["mock/m open"])
      yield* TestClock.adjust("1 second")
      // The probe.
      expect(yield* statesOf()).toEqual(["mock/m half-open"])
      yield* TestClock.adjust("1 second")
      expect(yield* statesOf()).toEqual(["mock/m closed"])
      expect(yield* statesOf()).toEqual([])
    }).pipe(Effect.provide(Breakers.memory))
  )
})
