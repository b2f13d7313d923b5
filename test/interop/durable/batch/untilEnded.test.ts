/** How a durable batch waits, by the test clock. `test/stores/durableProviderBatch.test.ts` restarts its process. */

import { expect, it } from "@effect/vitest"
import { Workflow, WorkflowEngine } from "@effect/workflow"
import { Clock, Duration, Effect, Fiber, Schema, TestClock } from "effect"
import { untilEnded } from "../../../../src/interop/durable/batch/untilEnded.js"

const waiting = Workflow.make({ name: "waiting", payload: { id: Schema.String }, idempotencyKey: () => "" })

/** The pauses in minutes between the questions whether a batch has ended, of which the fourth is answered with yes. */
const pausesOf = (every: Duration.DurationInput) => {
  const asked: Array<number> = []
  const isEnded = Effect.map(Clock.currentTimeMillis, (now) => asked.push(now / 60_000) === 4)
  return Effect.gen(function* () {
    const running = yield* Effect.fork(waiting.execute({ id: "1" }))
    while ((yield* Fiber.poll(running))._tag === "None") yield* TestClock.adjust(every)
    return asked.slice(1).map((time, index) => time - (asked[index] ?? 0))
  }).pipe(
    Effect.provide(waiting.toLayer(() => untilEnded(isEnded, Duration.decode(every)))),
    Effect.provide(WorkflowEngine.layerMemory)
  )
}

it.effect("a batch is asked once per interval, in sleeps that the engine stores", () =>
  Effect.gen(function* () {
    expect(yield* pausesOf("30 minutes")).toEqual([30, 30, 30])
  })
)

it.effect("a batch is asked in the memory of its process, where the interval is a minute or less", () =>
  Effect.gen(function* () {
    expect(yield* pausesOf("1 minute")).toEqual([1, 1, 1])
  })
)
