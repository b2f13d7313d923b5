import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { startFleet } from "./fleet.js"
import { hasIdleCores, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { type Limit, mostInWindow, strictProvider } from "./strictProvider.js"

const perWindow = 100
const windowMillis = 4000
const seconds = 12

/** Four processes, one of which floods and two of which have wrong clocks. */
const run = (limit: Limit) =>
  Effect.gen(function* () {
    const redis = yield* redisServer
    const provider = yield* strictProvider(limit)
    const job = {
      redis: redis.url,
      baseUrl: provider.baseUrl,
      seconds,
      limit: { requests: perWindow, per: windowMillis, maxWait: 60_000, name: "shared" }
    }
    const workers = yield* Effect.promise(() =>
      startFleet([
        { ...job, name: "flood", concurrency: 100 },
        { ...job, name: "ahead", concurrency: 25, skew: 20_000 },
        { ...job, name: "behind", concurrency: 25, skew: -20_000 },
        { ...job, name: "plain", concurrency: 25 }
      ])
    )
    const reports = yield* Effect.promise(() => Promise.all(workers.map(({ report }) => report)))
    const arrivals = provider.arrivals()
    const first = arrivals[0]?.at ?? 0
    const within = arrivals.filter(({ at }) => at >= first && at < first + seconds * 1000)
    const shares = ["flood", "ahead", "behind", "plain"].map(
      (name) => within.filter(({ key }) => key === `Bearer key-${name}`).length
    )
    const sum = shares.reduce((one, other) => one + other, 0)
    const keys = (yield* Effect.promise(() => redis.command("keys", "*"))).split("\n").filter((key) => key !== "")
    const ttls = yield* Effect.promise(() => Promise.all(keys.map((key) => redis.command("pttl", key))))
    return {
      requests: within.length,
      use: within.length / ((seconds / (windowMillis / 1000)) * perWindow),
      most: mostInWindow(
        within.filter(({ status }) => status === 200).map(({ at }) => at),
        windowMillis
      ),
      rejected: within.filter(({ status }) => status === 429).length,
      jain: sum ** 2 / (4 * shares.reduce((total, share) => total + share ** 2, 0)),
      p50: reports.map((report) => report?.p50 ?? Number.NaN),
      p99: reports.map((report) => report?.p99 ?? Number.NaN),
      failed: reports.map((report) => report?.failed),
      withoutTtl: ttls.filter((ttl) => Number(ttl) === -1).length
    }
  })

describe("four processes with one limit, one flooding and two with wrong clocks", () => {
  it.scopedLive("stay within every window of a strict provider", () =>
    Effect.gen(function* () {
      const result = yield* run({ type: "window", limit: perWindow, millis: windowMillis })
      printFigures("strict windows", result)
      expect(result.most).toBeLessThanOrEqual(perWindow)
      expect(result.jain).toBeGreaterThanOrEqual(0.98)
      expect(result.withoutTtl).toBe(0)
      if (!hasIdleCores()) return
      expect(result.rejected).toBe(0)
      expect(result.use).toBeGreaterThanOrEqual(0.88)
      expect(Math.max(...result.p99)).toBeLessThan(20)
    })
  )

  it.scopedLive("use nearly all of a token bucket of the same rate and burst", () =>
    Effect.gen(function* () {
      const burst = perWindow / 10
      const perSecond = (perWindow - burst) / (windowMillis / 1000)
      const result = yield* run({ type: "bucket", capacity: burst, perSecond })
      const use = result.requests / (perSecond * seconds + burst)
      printFigures("token bucket", { ...result, use })
      expect(result.jain).toBeGreaterThanOrEqual(0.98)
      if (!hasIdleCores()) return
      expect(use).toBeGreaterThanOrEqual(0.97)
      expect(result.rejected / result.requests).toBeLessThanOrEqual(0.001)
    })
  )
})
