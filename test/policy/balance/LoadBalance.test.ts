import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Ref, TestClock } from "effect"
import {
  AuthenticationError,
  Breakers,
  type CallOptions,
  type ChatRequest,
  collect,
  type LLMError,
  NetworkError,
  Policy,
  Provider,
  RateLimitError,
  StreamChunk
} from "llm-connectivity"
import { hello } from "../../support/openai.js"

const at = { provider: "mock", model: "m", message: "…" }
const down = new NetworkError({ ...at, reason: "Server" })

/** A provider that answers with its name, or fails as `failure` says; `count` tells how often it was asked. */
const target = (name: string, failure: () => LLMError | undefined = () => undefined) => {
  let count = 0
  const provider = Provider.make({
    name,
    open: () =>
      Effect.suspend(() => {
        count += 1
        const error = failure()
        if (error !== undefined) return Effect.fail(error)
        const reads = [
          [StreamChunk.make({ content: name, finishReason: "stop", origin: { provider: name, model: "m" } })]
        ]
        return Effect.succeed(Effect.sync(() => reads.shift() ?? []))
      })
  })
  return { name, provider, count: () => count }
}

const ask = (provider: Provider, request: ChatRequest = hello, options: CallOptions = {}) =>
  Effect.map(collect(provider.chatStream(request, options)), ({ content }) => content)

const layerProvider = target("unused").provider

describe("load balancing", () => {
  it.effect("spreads calls by weight", () =>
    Effect.gen(function* () {
      const [light, heavy] = [target("light"), target("heavy")]
      const policy = yield* Policy.loadBalance([
        { ...light, weight: 1 },
        { ...heavy, weight: 3 }
      ])
      yield* Effect.all(Array.from({ length: 400 }, () => ask(policy(layerProvider))))
      expect(heavy.count() / light.count()).toBeGreaterThan(2)
      expect(heavy.count() / light.count()).toBeLessThan(4.5)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("rejects a request that is wrong before it looks for a key or a target", () =>
    Effect.gen(function* () {
      const one = {
        ...target("one"),
        change: (request: ChatRequest) => ({ ...request, messages: [...request.messages] })
      }
      const policy = yield* Policy.loadBalance([one], { sticky: "prefix" })
      for (const wrong of [undefined, {}, { messages: [null] }, { ...hello, tools: null }]) {
        // As JavaScript may call it.
        const error = yield* Effect.flip(policy(layerProvider).chat(wrong as ChatRequest))
        expect(error._tag).toBe("ValidationError")
      }
      expect(one.count()).toBe(0)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("rests a target until the longest hint of a 429, and answers from the others meanwhile", () =>
    Effect.gen(function* () {
      let hint = 30
      const limited = target("limited", () =>
        hint === 0 ? undefined : new RateLimitError({ ...at, reason: "RateLimit", retryAfter: Duration.seconds(hint) })
      )
      const well = target("well")
      const provider = (yield* Policy.loadBalance([limited, well], { sticky: () => "key" }))(layerProvider)
      const only = (yield* Policy.loadBalance([limited]))(layerProvider)
      yield* Effect.all(Array.from({ length: 50 }, () => ask(provider)))
      expect(yield* Effect.flip(ask(only))).toMatchObject({ _tag: "RateLimitError" })
      expect(limited.count()).toBe(1)
      hint = 0
      yield* TestClock.adjust("29 seconds")
      const early = yield* Effect.flip(ask(only))
      expect(early).toMatchObject({ _tag: "RateLimitError", attempts: 0 })
      expect(limited.count()).toBe(1)
      yield* TestClock.adjust("1 second")
      expect(yield* ask(only)).toBe("limited")
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("says how long to wait when all targets limit the rate", () =>
    Effect.gen(function* () {
      const limit = (seconds: number) =>
        target(
          `t${seconds}`,
          () => new RateLimitError({ ...at, reason: "RateLimit", retryAfter: Duration.seconds(seconds) })
        )
      const provider = (yield* Policy.loadBalance([limit(20), limit(7)]))(layerProvider)
      const first = yield* Effect.flip(ask(provider))
      expect(first).toMatchObject({ _tag: "RateLimitError", attempts: 2, retryAfter: Duration.seconds(7) })
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("ejects a target whose key is wrong", () =>
    Effect.gen(function* () {
      const bad = target("bad", () => new AuthenticationError(at))
      const well = target("well")
      const provider = (yield* Policy.loadBalance([bad, well]))(layerProvider)
      const answers = yield* Effect.all(Array.from({ length: 100 }, () => ask(provider)))
      expect(new Set(answers)).toEqual(new Set(["well"]))
      expect(bad.count()).toBe(1)
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("asks anyway when all targets are down", () =>
    Effect.gen(function* () {
      let isDown = true
      const targets = ["one", "two"].map((name) => target(name, () => (isDown ? down : undefined)))
      const provider = (yield* Policy.loadBalance(targets, { breaker: { coolDown: "1 hour", failures: 1 } }))(
        layerProvider
      )
      expect(yield* Effect.flip(ask(provider))).toMatchObject({ _tag: "NetworkError", attempts: 2 })
      isDown = false
      expect(["one", "two"]).toContain(yield* ask(provider))
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("keeps callers at their targets, and moves only those of a target that is removed", () =>
    Effect.gen(function* () {
      const all = ["a", "b", "c"].map((name) => target(name))
      const ref = yield* Ref.make<ReadonlyArray<Policy.BalanceTarget>>(all)
      const provider = (yield* Policy.loadBalance(ref, { sticky: "caller" }))(layerProvider)
      const callers = Array.from({ length: 60 }, (_, index) => `caller ${index}`)
      const answers = () => Effect.forEach(callers, (caller) => ask(provider, hello, { caller }))
      const before = yield* answers()
      expect(yield* answers()).toEqual(before)
      for (const name of ["a", "b", "c"]) expect(before.filter((each) => each === name).length).toBeGreaterThan(8)
      yield* Ref.set(ref, all.slice(0, 2))
      const after = yield* answers()
      expect(before.filter((name, index) => name !== "c" && name !== after[index])).toEqual([])
      expect(after).not.toContain("c")
    }).pipe(Effect.provide(Breakers.memory))
  )

  it.effect("prefers the faster target", () =>
    Effect.gen(function* () {
      const slow = target("slow")
      const quick = target("quick")
      const delayed = {
        ...slow,
        provider: Provider.make({
          ...slow.provider,
          open: (request) => Effect.delay(slow.provider.open(request), "1 second")
        })
      }
      const provider = (yield* Policy.loadBalance([delayed, quick], { prefer: "fastest" }))(layerProvider)
      for (let calls = 0; calls < 20; calls++) {
        const fiber = yield* Effect.fork(ask(provider))
        yield* TestClock.adjust("1 second")
        yield* fiber
      }
      expect(slow.count()).toBeLessThan(5)
    }).pipe(Effect.provide(Breakers.memory))
  )
})
