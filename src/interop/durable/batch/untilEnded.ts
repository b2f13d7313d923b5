/** Waits until a provider's batch has ended, through restarts. */
import * as DurableClock from "@effect/workflow/DurableClock"
import { WorkflowEngine, type WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

// A stored sleep costs six rows, and wakes up to a second late. One in memory is over when the process starts again.
const longestInMemory = Duration.minutes(1)

const clockOf = (sleep: number, duration: Duration.Duration) => DurableClock.make({ name: `asked-${sleep}`, duration })

/** How many stored sleeps are over: what was asked before them is not asked again. */
const sleepsOver = (every: Duration.Duration): Effect.Effect<number, never, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const engine = yield* WorkflowEngine
    let sleeps = 0
    while ((yield* engine.deferredResult(clockOf(sleeps, every).deferred)) !== undefined) sleeps++
    return sleeps
  })

/** Asks, and again after each sleep until the answer is yes. */
export const untilEnded = <E>(
  isEnded: Effect.Effect<boolean, E>,
  every: Duration.Duration
): Effect.Effect<void, E, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    if (Duration.lessThanOrEqualTo(every, longestInMemory))
      return yield* Effect.asVoid(Effect.repeat(isEnded, { until: (ended) => ended, schedule: Schedule.spaced(every) }))
    for (let sleep = yield* sleepsOver(every); !(yield* isEnded); sleep++)
      yield* DurableClock.sleep({ name: clockOf(sleep, every).name, duration: every })
  })
