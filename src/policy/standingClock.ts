/** Ends a wait on a test's clock that stands still: it would hang the test, since a real server does not advance the clock. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** The failure of a wait whose clock stands still. */
export const clockStandsStill = Symbol.for("llm-connectivity/clockStandsStill")

// Real time: below the 5 s after which test runners give up, above the time that a test takes to advance its clock.
const patienceMillis = 3000

// `TestClock` alone can be set. Its module is not imported, since programs would bundle it.
const isTestClock = (clock: Clock.Clock): boolean => "adjust" in clock && "setTime" in clock

/** Waits; on a test's clock that has not moved for 3 seconds of real time, it fails instead. */
export const unlessClockStandsStill = <A, E, R>(
  wait: Effect.Effect<A, E, R>
): Effect.Effect<A, E | typeof clockStandsStill, R> =>
  Effect.clockWith((clock) =>
    isTestClock(clock) ? Effect.raceFirst(Effect.interruptible(wait), Effect.interruptible(standingStill(clock))) : wait
  )

const standingStill = (clock: Clock.Clock): Effect.Effect<never, typeof clockStandsStill> =>
  Effect.async((resume) => {
    let seen = clock.unsafeCurrentTimeMillis()
    const timer = setInterval(() => {
      const now = clock.unsafeCurrentTimeMillis()
      if (now === seen) resume(Effect.fail(clockStandsStill))
      seen = now
    }, patienceMillis)
    return Effect.sync(() => clearInterval(timer))
  })
