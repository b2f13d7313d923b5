/** Waits until a provider's batch has ended, through restarts. */
import * as DurableClock from "@effect/workflow/DurableClock"
import { WorkflowEngine, type WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

// Longer sleeps are stored. A stored sleep writes six rows and can end a second late; a sleep in memory ends with the process.
const longestInMemory = Duration.minutes(1)

const clockOf = (sleep: number, duration: Duration.Duration) => DurableClock.make({ name: `asked-${sleep}`, duration })

/** The number of stored sleeps that are over. After a restart, the status is not requested again for each of them. */
const sleepsOver = (every: Duration.Duration): Effect.Effect<number, never, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const engine = yield* WorkflowEngine
    let sleeps = 0
    while ((yield* engine.deferredResult(clockOf(sleeps, every).deferred)) !== undefined) sleeps++
    return sleeps
  })

/** Runs `isEnded`, and again after each sleep until it gives `true`. */
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
