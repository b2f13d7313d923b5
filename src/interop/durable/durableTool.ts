/** A tool whose calls are stored: after a restart, their results are read instead of run again. */
import * as Activity from "@effect/workflow/Activity"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import { type Context, Effect, Predicate, Schema } from "effect"
import { isObject } from "../../http/Json.js"
import type { CallContext, LoopCall } from "../../tools/LoopCall.js"
import type { AnyTool, Tool } from "../../tools/Tool.js"
import type { ToolOutcome } from "../../tools/ToolResult.js"
import { DurableToolError } from "./DurableToolError.js"
import { isolated } from "./isolated.js"

/** A tool that runs in a workflow. */
export type DurableTool = Tool<string, DurableToolError, WorkflowEngine | WorkflowInstance>

/** What the tools of a loop need. */
export interface ToolRuntime {
  /** The context of the tools, in which the client is the one that stores nothing. */
  readonly context: Context.Context<unknown>
  /** Tells somebody that a call waits. */
  readonly onApproval: ((call: LoopCall) => Effect.Effect<void, never, unknown>) | undefined
}

/** The name of the activity that decides whether a call needs an approval. */
export const approvalNeededName = ({ step, position }: Pick<LoopCall, "step" | "position">): string =>
  `approval-needed/${step}/${position}`

/** Makes the calls of a tool activities. */
export const durableTool = ({ timeout, execute, ...tool }: AnyTool, runtime: ToolRuntime): DurableTool => ({
  ...tool,
  // Stored, as a call that was asked for once must not run without an answer after a restart.
  needsApproval: (args, call) =>
    isolated(
      Effect.tap(
        Activity.make({
          name: approvalNeededName(call),
          success: Schema.Boolean,
          execute: Effect.provide(tool.needsApproval(args, call), runtime.context)
        }),
        (isNeeded) => (isNeeded ? notify(call, runtime) : Effect.void)
      )
    ),
  execute:
    execute &&
    ((args, call) =>
      isolated(
        Activity.make({
          name: `tool/${call.step}/${call.position}`,
          success: StoredOutcome,
          error: DurableToolError,
          execute: Effect.provide(running(execute(args, call), call, timeout), runtime.context)
        })
      ))
})

const notify = (call: LoopCall, { context, onApproval }: ToolRuntime) =>
  onApproval === undefined
    ? Effect.void
    : Activity.make({
        name: `notify/${call.step}/${call.position}`,
        execute: Effect.provide(onApproval(call), context)
      })

const StoredOutcome: Schema.Schema<ToolOutcome> = Schema.declare(
  (value): value is ToolOutcome => isObject(value) && (value.type === "success" || value.type === "failure")
)

// The time of a call is limited inside its activity, so that a restart does not measure the reading of its result.
const running = (
  execution: Effect.Effect<ToolOutcome, unknown, unknown>,
  { id, name }: CallContext,
  timeout: AnyTool["timeout"]
): Effect.Effect<ToolOutcome, DurableToolError, unknown> => {
  const limited =
    timeout === undefined
      ? execution
      : Effect.timeoutTo(execution, {
          duration: timeout,
          onSuccess: (outcome) => outcome,
          onTimeout: (): ToolOutcome => ({ type: "failure", error: "the tool took too long and was stopped" })
        })
  return Effect.mapError(
    limited,
    (error) => new DurableToolError({ tool: name, callId: id, message: messageOf(error) })
  )
}

const messageOf = (error: unknown): string => {
  const message = Predicate.hasProperty(error, "message") ? error.message : error
  return typeof message === "string" && message !== "" ? message : "the tool failed"
}
