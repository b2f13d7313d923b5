/** Texts that are written once and stored. Each is an execution of a workflow that does nothing but store it. */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { DurableError } from "./DurableError.js"
import { clearExecution } from "./execution.js"

/** The entries of a storage, shared by all work in it. They are deleted after the same time as other ended work. */
export interface Entries {
  /** The text of a key, if it has been written. */
  readonly get: (key: string) => Effect.Effect<string | undefined>
  /** Writes the text of a key, unless it has one. */
  readonly set: (key: string, value: string) => Effect.Effect<void>
  readonly remove: (key: string) => Effect.Effect<void, DurableError>
}

const workflow = Workflow.make({
  name: "llm-connectivity/entries",
  payload: { key: Schema.String, value: Schema.String },
  success: Schema.String,
  idempotencyKey: ({ key }) => key
})

/** Registers the workflow that stores entries, in a runner. */
export const entriesLayer: Layer.Layer<never, never, WorkflowEngine> = workflow.toLayer(({ value }) =>
  Effect.succeed(value)
)

const executionOf = (key: string) => workflow.executionId({ key, value: "" })

/** The entries of the storage in context. */
export const entriesOf: Effect.Effect<Entries, never, WorkflowEngine | Sharding | MessageStorage> = Effect.map(
  Effect.context<WorkflowEngine | Sharding | MessageStorage>(),
  (context) => {
    // Runs with this context only. In the context of another workflow, an entry would be its child and suspend it.
    const apart = <A, E>(effect: Effect.Effect<A, E, WorkflowEngine | Sharding | MessageStorage>) =>
      Effect.mapInputContext(effect, (_: Context.Context<never>) => context)
    return {
      get: (key) =>
        apart(
          Effect.map(Effect.flatMap(executionOf(key), workflow.poll), (stored) =>
            stored?._tag === "Complete" && stored.exit._tag === "Success" ? stored.exit.value : undefined
          )
        ),
      set: (key, value) => apart(Effect.asVoid(workflow.execute({ key, value }))),
      remove: (key) => apart(Effect.flatMap(executionOf(key), (id) => clearExecution({ workflow: workflow.name, id })))
    }
  }
)
