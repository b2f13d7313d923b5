/** Time for waits, ages and durations. The time of day jumps when a machine sets its clock; this time does not. */
import { Clock, Effect } from "effect"

/** Reads the monotonic time of a clock: milliseconds since some moment, with a fraction. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6

/** Milliseconds since some moment, with a fraction, on the `Clock` of the fiber. */
export const currentMonotonicMillis: Effect.Effect<number> = Effect.map(
  Clock.currentTimeNanos,
  (nanos) => Number(nanos) / 1e6
)
