/**
 * Books time slots under a limit by the generic cell rate algorithm (GCRA): a booking of `n` units moves the time at
 * which the bucket is empty of debts by `n` intervals.
 *
 * `burst` comes out of the limit, so that no window of any position holds more than the limit: the steady rate is
 * `limit - burst` per window, and `burst` units may come at once. A booking of more than `burst` units waits until the
 * window has room for all of it. src/interop/redis/rateLimitScripts.ts has the same formulas.
 *
 * A booking is the time at which a request leaves, and the provider counts when it arrives. Where the first requests
 * after a pause are late, as they open connections, the provider's bucket starts later than this one, and requests that
 * follow on time would come too early for it. So what comes after the burst waits for a little longer, once.
 */

/** A limit of one kind of unit, such as requests or input tokens. */
export interface UnitLimit {
  /** The kind of unit; it names the limit in the store. */
  readonly unit: string
  /** The most units in any window. */
  readonly limit: number
  /** How many of them may come at once. */
  readonly burst: number
  /** The length of the window. */
  readonly windowMillis: number
}

// A limit of one unit per window is nothing but burst. The tenth leaves room for the jitter of the network.
const smallestRest = 0.9

/** Milliseconds from one unit to the next. */
export const intervalOf = ({ limit, burst, windowMillis }: UnitLimit): number =>
  windowMillis / Math.max(limit - burst, smallestRest)

/** By how much one request may be longer on its way than another. */
export const jitterMillis = 100

/**
 * How much longer the first request after the burst waits. It is at most half of the time that the burst takes at the
 * steady rate, and none where only one unit may come at once: more would lower the rate, not the burst.
 */
export const slackOf = (limit: UnitLimit): number =>
  limit.burst < 2 ? 0 : Math.min(jitterMillis, (limit.burst / 2) * intervalOf(limit))

/** A bucket of one kind of unit, by two times. */
export interface Cell {
  /** When the bucket will be empty of debts; not rounded up to now, as a bucket that was idle admits more at once. */
  readonly full: number
  /** When the burst began that is going on. */
  readonly since: number
}

/** A bucket of which nothing was booked. */
export const emptyCell: Cell = { full: Number.NEGATIVE_INFINITY, since: Number.NEGATIVE_INFINITY }

// Stores round times, so that a whole unit is never just missed.
const rounding = 0.5

/** The earliest time of a booking of `amount` units. */
export const earliest = (limit: UnitLimit, amount: number, { full, since }: Cell): number => {
  const interval = intervalOf(limit)
  // Whatever arrives when of a burst, it is no more than the provider's bucket holds.
  if (full - since + amount * interval <= (limit.burst + rounding) * interval) return since
  return full + (amount - limit.burst) * interval + slackOf(limit)
}

/** The bucket after a booking of `amount` units at `start`. The provider's bucket is full some time after this one. */
export const booked = (limit: UnitLimit, amount: number, { full, since }: Cell, start: number): Cell => ({
  full: Math.max(start, full) + amount * intervalOf(limit),
  since: full + slackOf(limit) <= start ? start : since
})

/**
 * When the bucket is empty after `unused` units of a booking are given back. Time has already given back what lies
 * before `now`, and bookings up to `lastStart` stay as they were promised. A negative number is what was used beyond
 * the booking.
 */
export const settled = (
  limit: UnitLimit,
  { unused, until, lastStart }: { readonly unused: number; readonly until: number; readonly lastStart: number },
  full: number,
  now: number
): number => {
  const millis = unused * intervalOf(limit)
  if (millis < 0) return Math.max(full, now) - millis
  return Math.max(full - Math.min(millis, Math.max(0, until - now)), Math.min(full, lastStart))
}

/** When the bucket is empty after the provider has said how much is available, and for how long nothing; never earlier. */
export const raised = (
  limit: UnitLimit,
  { available, blockedMillis }: { readonly available: number; readonly blockedMillis: number },
  full: number,
  now: number
): number =>
  Math.max(full, now + Math.max(0, (limit.burst - available) * intervalOf(limit) - slackOf(limit)) + blockedMillis)
