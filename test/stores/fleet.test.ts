import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { jitterMillis } from "../../src/policy/limits/gcra.js"
import { type Report, startFleet } from "./fleet.js"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { admission, type Limit, mostInWindow, strictProvider } from "./strictProvider.js"

const perWindow = 400
const windowMillis = 4000
const burst = perWindow / 10
const perSecond = (perWindow - burst) / (windowMillis / 1000)
const seconds = 12

const names = ["flood", "ahead", "behind", "plain"]

const sorted = (numbers: ReadonlyArray<number>) => [...numbers].sort((one, other) => one - other)

const sumOf = (numbers: ReadonlyArray<number>) => numbers.reduce((one, other) => one + other, 0)

const quantile = (numbers: ReadonlyArray<number>, fraction: number) =>
  sorted(numbers)[Math.floor(numbers.length * fraction)] ?? Number.NaN

/** Four processes, one of which floods and two of which have wrong clocks. */
const run = (limit: Limit) =>
  Effect.gen(function* () {
    const redis = yield* redisServer
    const provider = yield* strictProvider(limit)
    const job = {
      redis: redis.url,
      baseUrl: provider.baseUrl,
      warmUp: (yield* strictProvider(undefined)).baseUrl,
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
    const keys = (yield* Effect.promise(() => redis.command("keys", "*"))).split("\n").filter((key) => key !== "")
    const ttls = yield* Effect.promise(() => Promise.all(keys.map((key) => redis.command("pttl", key))))
    const withoutTtl = ttls.filter((ttl) => Number(ttl) === -1).length
    return { arrivals: provider.arrivals(), reports: reports.flatMap((report) => report ?? []), withoutTtl }
  })

type Fleet = Effect.Effect.Success<ReturnType<typeof run>>

/** How late the latest request of a process arrived: they leave and arrive in about the same order. */
const latest = (arrivals: Fleet["arrivals"], { name, departures }: Report) => {
  const left = sorted(departures)
  const arrived = sorted(arrivals.filter(({ key }) => key === `Bearer key-${name}`).map(({ at }) => at))
  return Math.max(...arrived.map((at, index) => at - (left[index] ?? Number.NaN)))
}

/**
 * What the limiter promises, on the clock of Redis, and what the provider saw. Only the second depends on the machine: on
 * one that holds requests up for longer than the limiter allows for, a provider may reject some.
 */
const figuresOf = ({ arrivals, reports, withoutTtl }: Fleet) => {
  const departures = sorted(reports.flatMap((report) => report.departures))
  const end = (departures[0] ?? 0) + seconds * 1000
  const within = arrivals.filter(({ at }) => at < end)
  const shares = names.map((name) => within.filter(({ key }) => key === `Bearer key-${name}`).length)
  const roundTrips = reports.flatMap((report) => report.roundTrips)
  const pings = reports.flatMap((report) => report.pings)
  return {
    requests: within.length,
    left: departures,
    leftInTime: departures.filter((at) => at < end).length,
    most: mostInWindow(departures, windowMillis),
    rejected: arrivals.filter(({ status }) => status === 429).length,
    jain: sumOf(shares) ** 2 / (4 * sumOf(shares.map((share) => share ** 2))),
    p50: quantile(roundTrips, 0.5),
    p99: quantile(roundTrips, 0.99),
    pingP99: quantile(pings, 0.99),
    slowestPing: Math.max(...pings),
    latestRequest: Math.max(...reports.map((report) => latest(arrivals, report))),
    failed: sumOf(reports.map((report) => report.failed)),
    withoutTtl
  }
}

const check = (name: string, limit: Limit, possible: number, goal: number) =>
  Effect.gen(function* () {
    const { left, ...figures } = figuresOf(yield* run(limit))
    const use = figures.leftInTime / possible
    const isUndisturbed = figures.latestRequest <= jitterMillis && figures.slowestPing <= jitterMillis
    printFigures(name, { ...figures, use, isUndisturbed })
    // Else the departures would not be those of the requests that arrived.
    expect(figures.leftInTime).toBeGreaterThan(figures.requests / 2)
    const admits = admission(limit)
    expect(left.filter((at) => !admits(at)).length).toBe(0)
    expect(figures.most).toBeLessThanOrEqual(perWindow)
    expect(figures.jain).toBeGreaterThanOrEqual(0.98)
    expect(figures.withoutTtl).toBe(0)
    expectTime(`${name}, p99 of a booking`, figures.p99, 20, figures.pingP99)
    if (!isUndisturbed) return
    expect(figures.rejected).toBe(0)
    expect(use).toBeGreaterThanOrEqual(goal)
  })

describe("four processes with one limit, one flooding and two with wrong clocks", () => {
  it.scopedLive("stay within every window of a strict provider", () =>
    check(
      "strict windows",
      { type: "window", limit: perWindow, millis: windowMillis },
      (seconds / (windowMillis / 1000)) * perWindow,
      0.88
    )
  )

  it.scopedLive("use nearly all of a token bucket of the same rate and burst", () =>
    check("token bucket", { type: "bucket", capacity: burst, perSecond }, perSecond * seconds + burst, 0.97)
  )
})
