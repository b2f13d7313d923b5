/** A test clock that adjusts faster. */
import { Effect, TestClock } from "effect"

const nextTurn = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

/**
 * Lets `TestClock.adjust` wait for turns of the event loop between the sleeps that it ends, where it waits for four timers
 * of a millisecond. For tests of many sleeps that need no network, which takes longer than a turn.
 */
export const withQuickClock = <A, E, R>(test: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.zipRight(
    TestClock.testClockWith((clock) =>
      Effect.sync(() => {
        // A field of Effect's own class. If its name changes, tests are slower and still right.
        if (Reflect.has(clock, "yieldTimer")) Object.defineProperty(clock, "yieldTimer", { value: nextTurn })
      })
    ),
    test
  )
