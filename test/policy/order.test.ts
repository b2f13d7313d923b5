/** The order that `Policy.compose` documents: what goes wrong when two neighbours change places. */
import { describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Option, TestClock } from "effect"
import {
  collect,
  type LLMError,
  ModelCatalog,
  NetworkError,
  Policy,
  PolicyState,
  Provider,
  RateLimitError,
  ResponseCache,
  Spending,
  StreamChunk
} from "llm-connectivity"
import { hello } from "../support/openai.js"

const usage = {
  inputTokens: 1,
  outputTokens: 10,
  totalTokens: 11,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
}
const prices = { input: 0, output: 100 }
const catalog = ModelCatalog.layerOf([{ provider: "mock", model: "m", prices }])
const request = { ...hello, model: "m", maxTokens: 10 }
const down = new NetworkError({ provider: "mock", model: "m", message: "…", reason: "Server", status: 503 })

interface Sent {
  readonly model: string
  readonly millis: number
}

/** A provider that takes a second for each answer, or fails as it is told, and records its requests. */
const recorded = (failureOf: (index: number) => LLMError | undefined = () => undefined) => {
  const sent: Array<Sent> = []
  const provider = Provider.make({
    name: "mock",
    open: ({ model = "" }) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        const error = failureOf(sent.push({ model, millis }) - 1)
        const last = StreamChunk.make({
          content: "ok",
          finishReason: "stop",
          usage,
          origin: { provider: "mock", model }
        })
        const reads = [[last]]
        const pull = Effect.sync(() => reads.shift() ?? [])
        return error === undefined
          ? Effect.delay(Effect.succeed(pull), "1 second")
          : Effect.delay(Effect.fail(error), "100 millis")
      })
  })
  return { provider, sent }
}

// The key of a cache is a digest, which WebCrypto computes outside of the test's clock.
const realTurn = Effect.async<void>((resume) => void setImmediate(() => resume(Effect.void)))

/** Runs calls at the same time, until all have ended; gives how each ended and when. */
const calls = (provider: Provider, count: number) =>
  Effect.gen(function* () {
    const call = Effect.map(Effect.either(collect(provider.chatStream(request))), ({ _tag }) => _tag)
    const one = Effect.zip(call, Clock.currentTimeMillis)
    const fiber = yield* Effect.fork(Effect.forEach(Array(count).keys(), () => one, { concurrency: "unbounded" }))
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* TestClock.adjust("1 second")
      yield* realTurn
    }
    return yield* Fiber.join(fiber)
  })

const state = Layer.fresh(Layer.mergeAll(PolicyState.memory, catalog))

describe("policies in the documented order", () => {
  const spend = Effect.gen(function* () {
    const cache = yield* Policy.cache({ ttl: "1 hour", scope: "shared" })
    const ended = (policy: Policy.Policy) =>
      Effect.gen(function* () {
        const provider = policy(recorded().provider)
        return [...(yield* calls(provider, 1)), ...(yield* calls(provider, 1))].map(([tag]) => tag)
      })
    return { cache, ended }
  })

  // One answer costs a tenth of a cent.
  const budget = Layer.fresh(Spending.layer({ budget: { total: 0.0015 } })).pipe(Layer.provideMerge(catalog))

  it.effect("cache outside of spending: an answer from the cache needs no budget", () =>
    Effect.gen(function* () {
      const { cache, ended } = yield* spend
      expect(yield* ended(Policy.compose(cache, yield* Spending.policy))).toEqual(["Right", "Right"])
    }).pipe(Effect.provide([budget, ResponseCache.memory]))
  )

  it.effect("… and needs it the other way round", () =>
    Effect.gen(function* () {
      const { cache, ended } = yield* spend
      expect(yield* ended(Policy.compose(yield* Spending.policy, cache))).toEqual(["Right", "Left"])
    }).pipe(Effect.provide([budget, ResponseCache.memory]))
  )

  it.effect("spending outside of fallback: the answer of the second target is paid, and free the other way round", () =>
    Effect.gen(function* () {
      const other = recorded().provider
      const spentBy = (order: (spending: Policy.Policy, fallback: Policy.Policy) => Policy.Policy) =>
        Effect.gen(function* () {
          const fallback = yield* Policy.fallback({ provider: other })
          const policy = order(yield* Spending.policy, fallback)
          expect((yield* calls(policy(recorded(() => down).provider), 1)).map(([tag]) => tag)).toEqual(["Right"])
          return (yield* Spending.spent).total.dollars
        }).pipe(Effect.provide(Layer.fresh(Spending.layer()).pipe(Layer.provideMerge(catalog))))
      expect(yield* spentBy((spending, fallback) => Policy.compose(spending, fallback))).toBe(0.001)
      expect(yield* spentBy((spending, fallback) => Policy.compose(fallback, spending))).toBe(0)
    })
  )

  it.effect("fallback outside of retry: the first provider is tried again before the second one", () =>
    Effect.gen(function* () {
      const triesOf = (order: (fallback: Policy.Policy) => Policy.Policy) =>
        Effect.gen(function* () {
          const first = recorded(() => down)
          yield* calls(order(yield* Policy.fallback({ provider: recorded().provider }))(first.provider), 1)
          return first.sent.length
        })
      expect(yield* triesOf((fallback) => Policy.compose(fallback, Policy.retry()))).toBeGreaterThan(1)
      expect(yield* triesOf((fallback) => Policy.compose(Policy.retry(), fallback))).toBe(1)
    })
  )

  it.effect("retry outside of hedge: the wait before a retry is not hedged", () =>
    Effect.gen(function* () {
      const limited = new RateLimitError({
        provider: "mock",
        model: "m",
        message: "…",
        reason: "RateLimit",
        retryAfter: Duration.seconds(5)
      })
      const timesOf = (order: (hedge: Policy.Policy) => Policy.Policy) =>
        Effect.gen(function* () {
          const { provider, sent } = recorded((index) => (index === 0 ? limited : undefined))
          const startedAt = yield* Clock.currentTimeMillis
          yield* calls(order(yield* Policy.hedge({ after: "2 seconds", atMost: 1 }))(provider), 1)
          return sent.map(({ millis }) => millis - startedAt)
        })
      const [, retried = 0, ...more] = yield* timesOf((hedge) => Policy.compose(Policy.retry(), hedge))
      expect(retried).toBeGreaterThanOrEqual(5000)
      expect(more).toEqual([])
      // In the middle of the wait that the provider asked for.
      expect(yield* timesOf((hedge) => Policy.compose(hedge, Policy.retry()))).toEqual([0, 2000])
    })
  )

  it.effect("hedge outside of load balance: the second request goes to another target", () =>
    Effect.gen(function* () {
      const targetsOf = (order: (hedge: Policy.Policy, balance: Policy.Policy) => Policy.Policy) =>
        Effect.gen(function* () {
          const { provider, sent } = recorded()
          const balance = yield* Policy.loadBalance(["a", "b"].map((name) => ({ name, model: name })))
          yield* calls(order(yield* Policy.hedge({ after: "500 millis", atMost: 1 }), balance)(provider), 1)
          return sent.map(({ model }) => model)
        }).pipe(Effect.provide(state))
      expect((yield* targetsOf((hedge, balance) => Policy.compose(hedge, balance))).sort()).toEqual(["a", "b"])
      const [first, second] = yield* targetsOf((hedge, balance) => Policy.compose(balance, hedge))
      expect(second).toBe(first)
    })
  )

  it.effect("load balance outside of concurrency: a busy target does not hold up the calls of another one", () =>
    Effect.gen(function* () {
      const one = Policy.concurrency({ requests: 1 })
      const targets = ["a", "b"].map((name) => ({ name, model: name }))
      const startedAt = yield* Clock.currentTimeMillis
      const inside = yield* Policy.loadBalance(
        yield* Effect.forEach(targets, (target) =>
          Effect.map(one, (bound) => ({ ...target, provider: bound(recorded().provider) }))
        )
      )
      const endsOf = (all: ReadonlyArray<readonly [string, number]>) => all.map(([, millis]) => millis)
      const times = endsOf(yield* calls(inside(recorded().provider), 2))
      expect(times.map((millis) => millis - startedAt)).toEqual([1000, 1000])
      const outside = Policy.compose(yield* one, yield* Policy.loadBalance(targets))
      const [first = 0, second = 0] = endsOf(yield* calls(outside(recorded().provider), 2))
      expect(second - first).toBe(1000)
    }).pipe(Effect.provide(state))
  )

  it.effect(
    "concurrency outside of circuit breaker: a call that has waited is not sent to a provider that went down",
    () =>
      Effect.gen(function* () {
        const requestsOf = (order: (bound: Policy.Policy, breaker: Policy.Policy) => Policy.Policy) =>
          Effect.gen(function* () {
            const { provider, sent } = recorded(() => down)
            const breaker = yield* Policy.circuitBreaker({ failures: 1, coolDown: "1 hour" })
            yield* calls(order(yield* Policy.concurrency({ requests: 1 }), breaker)(provider), 3)
            return sent.length
          }).pipe(Effect.provide(state))
        expect(yield* requestsOf((bound, breaker) => Policy.compose(bound, breaker))).toBe(1)
        expect(yield* requestsOf((bound, breaker) => Policy.compose(breaker, bound))).toBe(3)
      })
  )

  it.effect("circuit breaker outside of rate limit: calls that it rejects book nothing and do not wait", () =>
    Effect.gen(function* () {
      const waitsOf = (order: (breaker: Policy.Policy, limit: Policy.Policy) => Policy.Policy) =>
        Effect.gen(function* () {
          const breaker = yield* Policy.circuitBreaker({ failures: 1, coolDown: "1 hour" })
          const limit = yield* Policy.rateLimit({ requests: 10, per: "1 second", burst: 0.1, maxWait: "1 minute" })
          const provider = order(breaker, limit)(recorded(() => down).provider)
          yield* calls(provider, 1)
          const startedAt = yield* Clock.currentTimeMillis
          return (yield* calls(provider, 5)).map(([, millis]) => millis - startedAt)
        }).pipe(Effect.provide(state))
      expect(yield* waitsOf((breaker, limit) => Policy.compose(breaker, limit))).toEqual([0, 0, 0, 0, 0])
      expect(Math.max(...(yield* waitsOf((breaker, limit) => Policy.compose(limit, breaker))))).toBeGreaterThan(400)
    })
  )
})
