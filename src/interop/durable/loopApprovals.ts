/** The approvals of one loop: its calls wait for decisions, and it is suspended when none of them does anything else. */
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import { WorkflowEngine, type WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Decision } from "../../tools/approvals/PendingApproval.js"
import type { LoopCall } from "../../tools/LoopCall.js"

/** The part of a name that says which call it is of. */
export const placeOf = ({ step, position }: Pick<LoopCall, "step" | "position">): string => `${step}/${position}`

/** The name of the deferred that has the decision about a call. */
export const approvalName = (call: LoopCall): string => `approval/${placeOf(call)}`

const DecisionSchema: Schema.Schema<Decision> = Schema.Union(
  Schema.Literal("approve", "deny"),
  Schema.Struct({ deny: Schema.String })
)

type DecisionDeferred = DurableDeferred.DurableDeferred<typeof DecisionSchema>

/** The deferred that has the decision about a call. */
export const decisionOf = (call: LoopCall): DecisionDeferred =>
  DurableDeferred.make(approvalName(call), { success: DecisionSchema })

/** The approvals of one loop. */
export interface LoopApprovals {
  /** Runs a call. It counts as working, except while it waits for a decision. */
  readonly working: <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Waits for the decision about a call that is working. */
  readonly decision: (call: LoopCall) => Effect.Effect<Decision, never, WorkflowEngine | WorkflowInstance>
}

// The loop is suspended after no call has worked for this time. The next call of a step begins sooner, within one turn.
const quietTime = "20 millis"

/** Makes the approvals of a loop. */
export const loopApprovals = (): LoopApprovals => {
  let workers = 0
  const allWait = Effect.unsafeMakeLatch(true)
  const add = (change: 1 | -1) =>
    Effect.suspend(() => {
      workers += change
      return workers === 0 ? allWait.open : allWait.close
    })
  const quiet: Effect.Effect<void> = Effect.flatMap(Effect.delay(allWait.await, quietTime), () =>
    workers === 0 ? Effect.void : quiet
  )
  const working: LoopApprovals["working"] = (call) =>
    Effect.acquireUseRelease(
      add(1),
      () => call,
      () => add(-1)
    )
  return {
    working,
    decision: (call) =>
      Effect.gen(function* () {
        const deferred = decisionOf(call)
        const decided = yield* (yield* WorkflowEngine).deferredResult(deferred)
        if (decided !== undefined) return yield* decided
        yield* Effect.acquireUseRelease(
          add(-1),
          () => quiet,
          () => add(1)
        )
        return yield* DurableDeferred.await(deferred)
      })
  }
}
