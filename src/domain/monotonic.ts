/** Time for durations. */
import type { Clock } from "effect"

/** Milliseconds on a monotonic clock, which changes of the system time do not affect. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos()) / 1e6
