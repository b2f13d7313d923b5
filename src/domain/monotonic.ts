/** Time for waits, ages and durations. The time of day jumps when a machine sets its clock; this time does not. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Reads the monotonic time of a clock: milliseconds since some moment, with a fraction. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6

/**
 * Milliseconds since some moment, with a fraction, on the `Clock` of the fiber. Not `Clock.currentTimeNanos`: that of
 * Effect 3.22's `TestClock` dies at fractions of a nanosecond, which a jittered wait leads to.
 */
export const currentMonotonicMillis: Effect.Effect<number> = Effect.clockWith((clock) =>
  Effect.sync(() => monotonicMillis(clock))
)
