/** The service that holds the buckets of rate limits: in this process, or in Redis for several processes. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { currentMonotonicMillis } from "../../domain/monotonic.js"
import type { StateUnavailable } from "../StateUnavailable.js"
import * as gcra from "./gcra.js"

/** How much of a limit a booking needs. */
export interface Amount {
  /** The limit. */
  readonly limit: gcra.UnitLimit
  /** In units of the limit. */
  readonly amount: number
}

/** A booking that is asked for: all of its amounts, or none. */
export interface BookingRequest {
  /** The name of the buckets; processes that use the same name share them. */
  readonly bucket: string
  /** The limits, and how much of each is needed. */
  readonly amounts: ReadonlyArray<Amount>
  /** A longer wait books nothing. */
  readonly maxWaitMillis: number
}

/** The result of a booking. */
export interface Booking {
  /** Whether the slot is booked. */
  readonly isBooked: boolean
  /** How long to wait before the request may be sent, or how long it would have been. */
  readonly waitMillis: number
  /** Reports what was used of each amount, in their order; the rest is given back. Never fails. */
  readonly settle: (used: ReadonlyArray<number>) => Effect.Effect<void>
}

/** What a provider says about a limit. */
export interface Observation {
  /** The limit of which it speaks. */
  readonly limit: gcra.UnitLimit
  /** How many units are left. */
  readonly available: number
  /** For how long there are none. */
  readonly blockedMillis: number
}

/** Books time slots in buckets. */
export interface RateLimitsService {
  /** Books a slot and returns the wait, so that nobody has to ask again. */
  readonly book: (request: BookingRequest) => Effect.Effect<Booking, StateUnavailable>
  /** Counts more as taken where the provider says so. Never counts less, and never fails. */
  readonly observe: (bucket: string, observations: ReadonlyArray<Observation>) => Effect.Effect<void>
}

/** Makes buckets of this process. */
export const memoryRateLimits: Effect.Effect<RateLimitsService> = Effect.sync(() => {
  const buckets = new MemoryBuckets()
  return {
    book: (request) => Effect.map(currentMonotonicMillis, (now) => buckets.book(request, now)),
    observe: (bucket, observations) =>
      Effect.map(currentMonotonicMillis, (now) => buckets.observe(bucket, observations, now))
  }
})

/** The buckets of all rate limits, required by `Policy.rateLimit`; `PolicyState.memory` and `Redis.layer` provide it. */
export class RateLimits extends Context.Tag("llm-connectivity/RateLimits")<RateLimits, RateLimitsService>() {
  /** Holds the buckets in this process. */
  static readonly memory: Layer.Layer<RateLimits> = Layer.effect(RateLimits, memoryRateLimits)
}

interface Bucket {
  /** By unit. */
  readonly cells: Map<string, gcra.Cell>
  /** The latest time that was promised to a caller. */
  lastStart: number
  /** When nothing is left that matters. */
  expires: number
}

// Names of buckets can come from callers, so buckets that no longer matter are dropped now and then.
const bookingsBetweenSweeps = 1000

/** Mutable, as every call books; each method is one synchronous step. */
class MemoryBuckets {
  private readonly buckets = new Map<string, Bucket>()
  private bookings = 0

  book({ bucket: name, amounts, maxWaitMillis }: BookingRequest, now: number): Booking {
    this.sweep(now)
    const bucket = this.bucketOf(name)
    const cellOf = ({ unit }: gcra.UnitLimit) => bucket.cells.get(unit) ?? gcra.emptyCell
    const start = Math.max(now, ...amounts.map(({ limit, amount }) => gcra.earliest(limit, amount, cellOf(limit))))
    const waitMillis = start - now
    if (waitMillis > maxWaitMillis) return { isBooked: false, waitMillis, settle: () => Effect.void }
    bucket.lastStart = Math.max(bucket.lastStart, start)
    const until = amounts.map(({ limit, amount }) => {
      const cell = gcra.booked(limit, amount, cellOf(limit), start)
      this.set(bucket, limit, cell)
      return cell.full
    })
    const settle = (used: ReadonlyArray<number>) =>
      Effect.map(currentMonotonicMillis, (later) => {
        amounts.forEach(({ limit, amount }, index) => {
          const unused = amount - (used[index] ?? amount)
          const state = { unused, until: until[index] ?? 0, lastStart: bucket.lastStart }
          const cell = cellOf(limit)
          this.set(bucket, limit, { ...cell, full: gcra.settled(limit, state, cell.full, later) })
        })
      })
    return { isBooked: true, waitMillis, settle }
  }

  observe(name: string, observations: ReadonlyArray<Observation>, now: number): void {
    const bucket = this.bucketOf(name)
    for (const observation of observations) {
      const { limit } = observation
      const cell = bucket.cells.get(limit.unit) ?? gcra.emptyCell
      this.set(bucket, limit, { ...cell, full: gcra.raised(limit, observation, cell.full, now) })
    }
  }

  private set(bucket: Bucket, { unit, windowMillis }: gcra.UnitLimit, cell: gcra.Cell): void {
    bucket.cells.set(unit, cell)
    bucket.expires = Math.max(bucket.expires, cell.full + windowMillis)
  }

  private bucketOf(name: string): Bucket {
    const none = Number.NEGATIVE_INFINITY
    const bucket = this.buckets.get(name) ?? { cells: new Map(), lastStart: none, expires: none }
    this.buckets.set(name, bucket)
    return bucket
  }

  private sweep(now: number): void {
    this.bookings += 1
    if (this.bookings % bookingsBetweenSweeps !== 0) return
    for (const [name, { expires }] of this.buckets) if (expires < now) this.buckets.delete(name)
  }
}
