import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { RateLimits } from "llm-connectivity"
import { currentMonotonicMillis } from "../../../src/domain/monotonic.js"
import { booked, earliest, emptyCell, intervalOf, slackOf, type UnitLimit } from "../../../src/policy/limits/gcra.js"

const randomOf = (seed: number) => () => {
  seed = (seed * 16_807) % 2_147_483_647
  return seed / 2_147_483_647
}

describe("the cells of a rate limit", () => {
  it("hold no more than the limit in any window, for amounts of any size", () => {
    const limit: UnitLimit = { unit: "tokens", limit: 1000, burst: 100, windowMillis: 1000 }
    const random = randomOf(7)
    let [cell, at] = [emptyCell, 0]
    const admitted: Array<{ readonly at: number; readonly amount: number }> = []
    for (let index = 0; index < 3000; index++) {
      const amount = Math.ceil(random() ** 4 * 1000)
      const start = Math.max(at, earliest(limit, amount, cell))
      cell = booked(limit, amount, cell, start)
      admitted.push({ at: start, amount })
      at = start + (random() < 0.1 ? random() * 3000 : 0)
    }
    const sums = admitted.map((first, index) => {
      let sum = 0
      for (let next = index; next < admitted.length; next++) {
        const { at: time, amount } = admitted[next] ?? first
        if (time >= first.at + 999.999) break
        sum += amount
      }
      return sum
    })
    expect(Math.max(...sums)).toBeLessThanOrEqual(1000)
    expect(Math.max(...sums)).toBeGreaterThan(900)
  })
})

const limits: ReadonlyArray<UnitLimit> = [
  { unit: "requests", limit: 100, burst: 10, windowMillis: 4000 },
  { unit: "requests", limit: 600, burst: 60, windowMillis: 60_000 },
  { unit: "requests", limit: 1000, burst: 100, windowMillis: 1000 },
  { unit: "requests", limit: 60, burst: 2, windowMillis: 60_000 }
]

interface Departure {
  readonly at: number
  /** Since the first one after a pause. */
  readonly sincePause: number
}

/** When requests leave: many at once, then a pause, again and again. */
const departures = (limit: UnitLimit, random: () => number) =>
  Effect.gen(function* () {
    const { book } = yield* RateLimits
    const request = { bucket: "b", amounts: [{ limit, amount: 1 }], maxWaitMillis: Number.POSITIVE_INFINITY }
    const departed: Array<Departure> = []
    for (let round = 0; round < 40; round++) {
      const now = yield* currentMonotonicMillis
      const bookings = yield* Effect.replicateEffect(book(request), Math.ceil(limit.burst * (0.2 + 2 * random())))
      const first = bookings[0]?.waitMillis ?? 0
      departed.push(...bookings.map(({ waitMillis }) => ({ at: now + waitMillis, sincePause: waitMillis - first })))
      const pause = random() * limit.burst * 1.5 * intervalOf(limit)
      yield* TestClock.adjust(Math.max(0, ...bookings.map(({ waitMillis }) => waitMillis)) + pause)
    }
    return departed
  }).pipe(Effect.provide(RateLimits.memory))

/** How many a provider rejects whose bucket has the same rate and burst. */
const rejectedByBucket = (limit: UnitLimit, arrivals: ReadonlyArray<number>): number => {
  let [level, at, rejected] = [limit.burst, 0, 0]
  for (const now of [...arrivals].sort((one, other) => one - other)) {
    level = Math.min(limit.burst, level + (now - at) / intervalOf(limit))
    at = now
    // Sums of fractions are a little off.
    if (level < 1 - 1e-6) rejected += 1
    else level -= 1
  }
  return rejected
}

/** How many a provider rejects that counts the requests of every window. */
const rejectedByWindow = (limit: UnitLimit, arrivals: ReadonlyArray<number>): number => {
  const recent: Array<number> = []
  let rejected = 0
  for (const now of [...arrivals].sort((one, other) => one - other)) {
    while ((recent[0] ?? now) <= now - limit.windowMillis) recent.shift()
    if (recent.length >= limit.limit) rejected += 1
    else recent.push(now)
  }
  return rejected
}

describe("requests that are late on their way by up to a tenth of a second", () => {
  for (const limit of limits) {
    const name = `${limit.limit} per ${limit.windowMillis} ms with a burst of ${limit.burst}`
    it.effect(`are all admitted by a provider with the same limit: ${name}`, () =>
      Effect.gen(function* () {
        const random = randomOf(limit.limit)
        const departed = yield* departures(limit, random)
        const most = slackOf(limit)
        const byChance = (millis: number) => departed.map(({ at }) => at + random() * millis)
        // The connections after a pause open together, and later requests are on time.
        const atWorst = (millis: number) => departed.map(({ at, sincePause }) => at + Math.max(0, millis - sincePause))
        for (const arrivals of [byChance(0), byChance(most / 2), byChance(most), atWorst(most / 2), atWorst(most)]) {
          expect(rejectedByBucket(limit, arrivals)).toBe(0)
          expect(rejectedByWindow(limit, arrivals)).toBe(0)
        }
        // They are as close as they may be.
        expect(rejectedByBucket(limit, atWorst(most * 2))).toBeGreaterThan(0)
      })
    )

    it.effect(`use nearly all of the limit: ${name}`, () =>
      Effect.gen(function* () {
        const { book } = yield* RateLimits
        const request = { bucket: "b", amounts: [{ limit, amount: 1 }], maxWaitMillis: Number.POSITIVE_INFINITY }
        const waits = (yield* Effect.replicateEffect(book(request), limit.limit * 4)).map(
          ({ waitMillis }) => waitMillis
        )
        // The whole burst leaves at once.
        expect(waits.filter((millis) => millis === 0)).toHaveLength(limit.burst)
        const admitted = waits.filter((millis) => millis < 3 * limit.windowMillis).length
        expect(admitted / (3 * (limit.limit - limit.burst) + limit.burst)).toBeGreaterThanOrEqual(0.97)
      }).pipe(Effect.provide(RateLimits.memory))
    )
  }
})
