/** Resumes a loop that missed a decision. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Effect } from "effect"
import type { DurableError } from "./DurableError.js"
import { type Execution, hasResult, isStored } from "./execution.js"

/** What this needs of the workflow. */
interface Resumable {
  readonly poll: (id: string) => Effect.Effect<{ readonly _tag: string } | undefined, never, WorkflowEngine>
  readonly resume: (id: string) => Effect.Effect<void, never, WorkflowEngine>
}

// An execution that has been suspended is stored within milliseconds, and so is a decision.
const interval = "20 millis"
const patience = "30 seconds"

/**
 * Resumes an execution if one of the deferreds that it waits for has been decided. The engine resumes an execution when
 * a decision arrives, but only if it has already been stored as suspended: a decision that comes before, such as while
 * another tool runs, would be missed.
 */
export const wakeDecided = (
  workflow: Resumable,
  execution: Execution,
  deferreds: Iterable<string>
): Effect.Effect<void, DurableError, WorkflowEngine | Sharding | MessageStorage> =>
  Effect.gen(function* () {
    const stored = Effect.repeat(workflow.poll(execution.id).pipe(Effect.delay(interval)), {
      until: (result) => result !== undefined
    })
    if ((yield* stored)?._tag !== "Suspended") return
    const parts = Array.from(deferreds, (key) => ({ tag: "deferred", key }) as const)
    const decided = yield* Effect.filter(parts, (part) => isStored(execution, part))
    if (decided.length === 0) return
    const areReadable = Effect.every(decided, (part) => hasResult(execution, part))
    yield* Effect.repeat(Effect.delay(areReadable, interval), { until: (areAll) => areAll })
    yield* workflow.resume(execution.id)
  }).pipe(Effect.timeoutOption(patience), Effect.asVoid)
