import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, TestClock } from "effect"
import { collect, ModelCatalog, Policy, Provider, Spending, StreamChunk } from "llm-connectivity"
import { hello } from "../../support/openai.js"
import { withQuickClock } from "../../support/quickClock.js"

const prices = ModelCatalog.layerOf([{ provider: "mock", model: "m", prices: { input: 0, output: 100 } }])

/** A provider whose requests show output after the given times in milliseconds. */
const timed = Effect.fn(function* (delays: (index: number) => number) {
  const startedAt = yield* Clock.currentTimeMillis
  let count = 0
  const interrupted: Array<number> = []
  const provider = Provider.make({
    name: "mock",
    open: () =>
      Effect.suspend(() => {
        const index = count++
        const reads = [[StreamChunk.make({ content: `${index}` })], [StreamChunk.make({ finishReason: "stop" })]]
        const next = Effect.sync(() => reads.shift() ?? [])
        return Effect.as(
          Effect.addFinalizer(() =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              if (reads.length === 2) interrupted.push(now - startedAt)
            })
          ),
          Effect.suspend(() => (reads.length === 2 ? Effect.delay(next, delays(index)) : next))
        )
      })
  })
  return { provider, interrupted, count: () => count }
})

describe("a hedge", () => {
  it.effect("sends a second request after the time, gives the first output and closes the slower response", () =>
    Effect.gen(function* () {
      const { provider, interrupted, count } = yield* timed((index) => (index === 0 ? 5000 : 100))
      const hedged = (yield* Policy.hedge({ after: "1 second", atMost: 1 }))(provider)
      const fiber = yield* Effect.fork(collect(hedged.chatStream(hello)))
      yield* TestClock.adjust("1100 millis")
      expect((yield* fiber).content).toBe("1")
      expect(count()).toBe(2)
      expect(interrupted).toEqual([1100])
    })
  )

  it.effect("closes both responses when the caller leaves", () =>
    Effect.gen(function* () {
      const { provider, interrupted } = yield* timed(() => 5000)
      const hedged = (yield* Policy.hedge({ after: "1 second", atMost: 1 }))(provider)
      const fiber = yield* Effect.fork(collect(hedged.chatStream(hello)))
      yield* TestClock.adjust("2 seconds")
      yield* fiber.interruptAsFork(fiber.id())
      yield* fiber.await
      expect(interrupted).toEqual([2000, 2000])
    })
  )

  // Without the hedge, 4 % of the first outputs take 4 seconds. Latencies that tie end at the very time of the quantile.
  const tails = {
    "spread over 100 ms": (index: number) => 100 + ((index * 37) % 101),
    "all the same": () => 100
  }
  for (const [name, usual] of Object.entries(tails)) {
    it.effect(
      `halves the slowest hundredth of first outputs with at most 5 % more requests, where the others are ${name}`,
      () =>
        Effect.gen(function* () {
          const { provider, count } = yield* timed((index) => (index % 25 === 24 ? 4000 : usual(index)))
          const hedged = (yield* Policy.hedge({ after: "p95", atMost: 0.05 }))(provider)
          const latencies: Array<number> = []
          const calls = 120
          for (let call = 0; call < calls; call++) {
            const before = yield* Clock.currentTimeMillis
            const fiber = yield* Effect.fork(
              Effect.zipRight(collect(hedged.chatStream(hello)), Clock.currentTimeMillis)
            )
            yield* TestClock.adjust("4 seconds")
            latencies.push((yield* fiber) - before)
          }
          latencies.sort((one, other) => one - other)
          expect(latencies[Math.floor(calls * 0.99) - 1]).toBeLessThanOrEqual(2000)
          expect(count()).toBeLessThanOrEqual(1.05 * calls)
        }).pipe(withQuickClock),
      120_000
    )
  }

  it.effect("sends no second request where all latencies are the same", () =>
    Effect.gen(function* () {
      const { provider, count } = yield* timed(() => 100)
      const hedged = (yield* Policy.hedge({ after: "p95", atMost: 1 }))(provider)
      for (let call = 0; call < 60; call++) {
        const fiber = yield* Effect.fork(collect(hedged.chatStream(hello)))
        yield* TestClock.adjust("1 second")
        yield* fiber
      }
      expect(count()).toBe(60)
    }).pipe(withQuickClock)
  )

  it.effect("books the extra request, and is not sent where the budget has no room for it", () =>
    Effect.gen(function* () {
      const measure = (total: number) =>
        Effect.gen(function* () {
          const { provider, count } = yield* timed((index) => (index === 0 ? 5000 : 100))
          const { policy, spent } = yield* Spending
          const guarded = Policy.compose(policy, yield* Policy.hedge({ after: "1 second", atMost: 1 }))(provider)
          const request = { ...hello, model: "m", maxTokens: 100 }
          const fiber = yield* Effect.fork(collect(guarded.chatStream(request)))
          yield* TestClock.adjust("6 seconds")
          yield* fiber
          return { requests: count(), dollars: (yield* spent).total.dollars }
        }).pipe(Effect.provide(Spending.layer({ budget: { total } })), Effect.provide(prices))
      const rich = yield* measure(1)
      expect(rich.requests).toBe(2)
      // What was reserved for the loser, and the short answer of the winner.
      expect(rich.dollars).toBeGreaterThan(0.01)
      expect((yield* measure(0.015)).requests).toBe(1)
    })
  )
})
