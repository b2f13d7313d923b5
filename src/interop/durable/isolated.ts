/** Waits for a workflow's activities in fibers that a suspension may interrupt. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/**
 * Runs an effect in a fiber of its own. A workflow suspends by interrupting the fiber that waits. The fiber of a loop must
 * see that as a failure, which it passes on to the reader of its events; if it were interrupted itself, the reader would
 * wait for ever.
 */
export const isolated = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.fork(effect), (fiber) => Effect.onInterrupt(Fiber.join(fiber), () => Fiber.interrupt(fiber)))
