/** Time that never jumps, for waits and ages. The time of day jumps when a machine sets its clock. */
import { Clock, Effect } from "effect"

/** Milliseconds since some moment, with a fraction. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(
  Clock.currentTimeNanos,
  (nanos) => Number(nanos) / 1_000_000
)
