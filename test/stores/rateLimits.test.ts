import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { RateLimits } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { intervalOf, jitterMillis, type UnitLimit } from "../../src/policy/limits/gcra.js"
import { redisCluster, redisServer } from "./redisServer.js"

const requests: UnitLimit = { unit: "requests", limit: 12, burst: 2, windowMillis: 10_000_000 }

const tokens: UnitLimit = { unit: "tokens", limit: 1000, burst: 200, windowMillis: 10_000_000 }

const book = (amount: number, maxWaitMillis = 60_000_000, bucket = "test") =>
  Effect.flatMap(RateLimits, (limits) =>
    limits.book({
      bucket,
      amounts: [
        { limit: requests, amount: 1 },
        { limit: tokens, amount }
      ],
      maxWaitMillis
    })
  )

// The time in which the test runs does not matter.
const rounded = (millis: number) => Math.round(millis / 100_000)

const waits = (amounts: ReadonlyArray<number>) =>
  Effect.map(
    Effect.forEach(amounts, (amount) => book(amount)),
    (bookings) => bookings.map(({ waitMillis }) => rounded(waitMillis))
  )

describe("rate limits in Redis", () => {
  it.scopedLive("book the same slots as those in memory, and give back what was not used", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const story = Effect.gen(function* () {
        const slots = yield* waits([10, 10, 10, 500])
        const first = yield* book(0)
        yield* first.settle([0, 0])
        const [again] = yield* waits([0])
        const refused = yield* book(10, 100)
        return { slots, first: rounded(first.waitMillis), again, refused: refused.isBooked }
      })
      const inRedis = yield* Effect.provide(story, Redis.layer({ url: server.url, onUnavailable: "closed" }))
      expect(inRedis).toEqual(yield* Effect.provide(story, RateLimits.memory))
      expect(inRedis.slots.slice(0, 3)).toEqual([0, 0, 10])
      for (const key of (yield* Effect.promise(() => server.command("keys", "*"))).split("\n")) {
        expect(Number(yield* Effect.promise(() => server.command("pttl", key)))).toBeGreaterThan(0)
      }
    })
  )

  it.scopedLive("wait after a burst for as long as it may be late on its way", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer
      const limit: UnitLimit = { unit: "requests", limit: 100, burst: 10, windowMillis: 4000 }
      const program = Effect.gen(function* () {
        const { book } = yield* RateLimits
        const request = { bucket: "jitter", amounts: [{ limit, amount: 1 }], maxWaitMillis: 60_000 }
        const [took, bookings] = yield* Effect.timed(Effect.replicateEffect(book(request), limit.burst + 1))
        expect(bookings.slice(0, -1).map(({ waitMillis }) => waitMillis)).toEqual(Array(limit.burst).fill(0))
        // How long after the first one the last one leaves at least.
        return Duration.toMillis(took) + (bookings.at(-1)?.waitMillis ?? 0)
      })
      const after = yield* Effect.provide(program, Redis.layer({ url, onUnavailable: "closed" }))
      expect(after).toBeGreaterThanOrEqual(intervalOf(limit) + jitterMillis - 0.01)
    })
  )

  it.scopedLive("work on a cluster of three nodes", () =>
    Effect.gen(function* () {
      const servers = yield* redisCluster
      const buckets = Array.from({ length: 20 }, (_, index) => `bucket ${index}`)
      const layer = Redis.layer({ cluster: servers.map(({ url }) => url), onUnavailable: "closed" })
      const booked = yield* Effect.provide(
        Effect.forEach(buckets, (bucket) => book(10, 0, bucket)),
        Layer.fresh(layer)
      )
      expect(booked.every(({ isBooked }) => isBooked)).toBe(true)
      const sizes = yield* Effect.promise(() => Promise.all(servers.map(({ command }) => command("dbsize"))))
      expect(sizes.reduce((sum, size) => sum + Number(size), 0)).toBe(20)
      expect(sizes.every((size) => Number(size) > 0)).toBe(true)
    })
  )
})
