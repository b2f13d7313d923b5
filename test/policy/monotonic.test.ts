import { describe, expect, it } from "@effect/vitest"
import { type Clock, Duration, Effect, Layer, TestClock } from "effect"
import { collect, NetworkError, Policy, PolicyState, Provider, RateLimitError, StreamChunk } from "llm-connectivity"
import { hello } from "../support/openai.js"

const at = { provider: "mock", model: "m", message: "…" }
const limited = new RateLimitError({ ...at, reason: "RateLimit", retryAfter: Duration.seconds(1) })
const down = new NetworkError({ ...at, reason: "Server", status: 503 })

/** A provider that fails in some ways first, then answers. */
const failingFirst = (...failures: ReadonlyArray<NetworkError | RateLimitError>) => {
  let count = 0
  return Provider.make({
    name: "mock",
    open: () =>
      Effect.suspend(() => {
        const error = failures[count++]
        if (error !== undefined) return Effect.fail(error)
        const reads = [[StreamChunk.make({ content: "ok", finishReason: "stop" })]]
        return Effect.succeed(Effect.sync(() => reads.shift() ?? []))
      })
  })
}

/** The clock of a machine whose time of day moves back by an hour each time that it is read. */
const jumping = (clock: Clock.Clock): Clock.Clock => {
  let hours = 0
  const now = () => clock.unsafeCurrentTimeMillis() - 3_600_000 * hours++
  return Object.assign(Object.create(clock), {
    unsafeCurrentTimeMillis: now,
    currentTimeMillis: Effect.sync(now),
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos()
  })
}

const withJumps = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.clockWith((clock) => Effect.withClock(effect, jumping(clock)))

// The key of a cache is a digest, which Web Crypto computes on threads of its own, which no test clock drives.
const digested = Effect.promise(() =>
  Promise.all(Array.from({ length: 20 }, () => crypto.subtle.digest("SHA-256", new Uint8Array(1))))
)

describe("policies whose machine sets its clock", () => {
  const rate = { requests: 10, per: "10 seconds", maxWait: "2 seconds" } as const
  const policies = {
    "a circuit breaker": Policy.circuitBreaker({ failures: 1, coolDown: "1 second" }),
    "load balancing": Policy.loadBalance([{ name: "only" }], { prefer: "fastest" }),
    "a rate limit": Policy.rateLimit(rate),
    "a retry": Effect.succeed(Policy.retry()),
    "a cache": Policy.cache({ ttl: "1 minute", scope: "shared" })
  }
  for (const [name, policy] of Object.entries(policies)) {
    it.effect(`${name} waits as long as it would without the change`, () =>
      Effect.gen(function* () {
        const guarded = (yield* policy)(failingFirst(limited, down))
        const call = Effect.either(collect(guarded.chatStream(hello)))
        const calls = Effect.forEach(Array.from({ length: 4 }), () => Effect.zipLeft(call, Effect.sleep("1 second")))
        const fiber = yield* Effect.fork(withJumps(calls))
        for (let second = 0; second < 10; second++) yield* Effect.zipRight(digested, TestClock.adjust("1 second"))
        expect((yield* fiber).at(-1)).toMatchObject({ _tag: "Right", right: { content: "ok" } })
      }).pipe(Effect.provide(Layer.fresh(PolicyState.memory)))
    )
  }

  it.effect("a hedge measures latencies", () =>
    Effect.gen(function* () {
      let sent = 0
      const slow = Provider.make({
        name: "mock",
        open: () =>
          Effect.suspend(() => {
            sent += 1
            const reads = [[StreamChunk.make({ content: "ok", finishReason: "stop" })]]
            const delay = sent === 31 ? "4 seconds" : "100 millis"
            return Effect.delay(Effect.succeed(Effect.sync(() => reads.shift() ?? [])), delay)
          })
      })
      const hedged = (yield* Policy.hedge({ atMost: 1 }))(slow)
      for (let call = 0; call < 31; call++) {
        const fiber = yield* Effect.fork(withJumps(collect(hedged.chatStream(hello))))
        for (let step = 0; step < 4; step++) yield* TestClock.adjust("100 millis")
        yield* fiber
      }
      expect(sent).toBe(32)
    })
  )
})
