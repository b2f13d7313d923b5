/**
 * Books time slots under a limit by the generic cell rate algorithm (GCRA): a bucket is one time, and a booking of `n` units
 * moves it by `n` intervals.
 *
 * `burst` comes out of the limit, so that no window of any position holds more than the limit: the steady rate is
 * `limit - burst` per window, and `burst` units may come at once. A booking of more than `burst` units waits until the
 * window has room for all of it. src/interop/redis/rateLimitScripts.ts has the same formulas.
 *
 * A booking is the time at which a request leaves, and the provider counts when it arrives. Where the first request after
 * a pause is late, as it opens a connection, the provider's bucket starts later than this one, and requests that follow
 * on time would come too early for it. So a little less than `burst` may come at once.
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
 * How many units may come at once: the burst without what comes in by the steady rate in `jitterMillis`, but at least
 * half of it, and at least one. The rate is the same, so only the first window holds less. With one at a time there is
 * no room for requests that are late.
 */
export const atOnceOf = (limit: UnitLimit): number =>
  Math.max(1, limit.burst / 2, limit.burst - jitterMillis / intervalOf(limit))

/**
 * The earliest time of a booking of `amount` units. `full` is the time at which the bucket will be empty of debts; it is
 * not rounded up to now, because a bucket that was idle for longer admits more at once.
 */
export const earliest = (limit: UnitLimit, amount: number, full: number): number =>
  full + (amount - atOnceOf(limit)) * intervalOf(limit)

/** The bucket after a booking of `amount` units at `start`. */
export const booked = (limit: UnitLimit, amount: number, full: number, start: number): number =>
  Math.max(start, full) + amount * intervalOf(limit)

/**
 * The bucket after `unused` units of a booking are given back. Time has already given back what lies before `now`, and
 * bookings up to `lastStart` stay as they were promised. A negative number is what was used beyond the booking.
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

/** The bucket after the provider has said how much is available, and how long nothing is. It is only ever raised. */
export const raised = (
  limit: UnitLimit,
  { available, blockedMillis }: { readonly available: number; readonly blockedMillis: number },
  full: number,
  now: number
): number => Math.max(full, now + Math.max(0, atOnceOf(limit) - available) * intervalOf(limit) + blockedMillis)
