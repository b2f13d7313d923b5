/** A tool whose results are stored: after a restart, they are read, and the calls do not run again. */
import * as Activity from "@effect/workflow/Activity"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isObject } from "../../http/Json.js"
import type { CallContext, LoopCall } from "../../tools/LoopCall.js"
import { tookTooLong } from "../../tools/runCalls.js"
import type { AnyTool, Tool } from "../../tools/Tool.js"
import { denialError, failureMessage, type ToolOutcome } from "../../tools/ToolResult.js"
import { definitionOf } from "../../tools/toolset.js"
import { DurableToolError } from "./DurableToolError.js"
import { isolated } from "./isolated.js"
import { type LoopApprovals, placeOf } from "./loopApprovals.js"

/** A tool that runs in a workflow. */
export type DurableTool = Tool<string, DurableToolError, WorkflowEngine | WorkflowInstance>

/** The environment of the tools of a loop. */
export interface ToolRuntime {
  /** The context of the tools, in which the client is the one that stores nothing. */
  readonly context: Context.Context<unknown>
  /** Runs when a call needs an approval. */
  readonly onApproval: ((call: LoopCall) => Effect.Effect<void, never, unknown>) | undefined
  /** The approvals of the loop. */
  readonly approvals: LoopApprovals
}

/** The result of a call, or that it runs only with an approval. */
type FirstOutcome = ToolOutcome | { readonly type: "approval" }

/** The name of the activity that runs a call, unless it needs an approval. */
export const toolCallName = (call: LoopCall): string => `tool/${placeOf(call)}`

/** Whether the stored result of that activity says that the call needs an approval. */
export const isApprovalNeeded = (result: unknown): boolean => isObject(result) && result.type === "approval"

type Execute = NonNullable<AnyTool["execute"]>

/**
 * Runs each call of a tool as an activity. Approvals are requested here and not by the loop, which requests them one after
 * the other. Here they can be decided in any order.
 */
export const durableTool = ({ execute, ...tool }: AnyTool, runtime: ToolRuntime): DurableTool => ({
  ...tool,
  definition: definitionOf(tool),
  timeout: undefined,
  needsApproval: () => Effect.succeed(false),
  execute: execute && ((args, call) => isolated(runtime.approvals.working(settle(tool, execute, args, call, runtime))))
})

const settle = (
  tool: Omit<AnyTool, "execute">,
  execute: Execute,
  args: unknown,
  call: CallContext,
  { context, onApproval, approvals }: ToolRuntime
): Effect.Effect<ToolOutcome, DurableToolError, WorkflowEngine | WorkflowInstance> =>
  Effect.gen(function* () {
    const running = run(execute(args, call), call, tool.timeout)
    const activity = <A>(
      name: string,
      success: Schema.Schema<A>,
      execute: Effect.Effect<A, DurableToolError, unknown>
    ) => Activity.make({ name, success, error: DurableToolError, execute: Effect.provide(execute, context) })
    // The need for an approval is stored, so that after a restart the call cannot run without one.
    const first = Effect.flatMap(
      tool.needsApproval(args, call),
      (isNeeded): Effect.Effect<FirstOutcome, DurableToolError, unknown> =>
        isNeeded ? Effect.succeed({ type: "approval" }) : running
    )
    const outcome = yield* activity(toolCallName(call), FirstOutcome, first)
    if (outcome.type !== "approval") return outcome
    if (onApproval !== undefined) yield* activity(`notify/${placeOf(call)}`, Schema.Void, onApproval(call))
    const decided = yield* approvals.decision(call)
    if (decided !== "approve")
      return { type: "failure", error: denialError(decided === "deny" ? undefined : decided.deny) }
    return yield* activity(`approved/${placeOf(call)}`, StoredOutcome, running)
  })

const outcomeSchema = <A extends { readonly type: string }>(...types: ReadonlyArray<A["type"]>): Schema.Schema<A> =>
  Schema.declare((value): value is A => isObject(value) && types.some((type) => type === value.type))

const StoredOutcome = outcomeSchema<ToolOutcome>("success", "failure")

const FirstOutcome = outcomeSchema<FirstOutcome>("success", "failure", "approval")

// The timeout is inside the activity, so that it does not include the time of storing.
const run = (
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
          onTimeout: (): ToolOutcome => ({ type: "failure", error: tookTooLong })
        })
  return Effect.mapError(
    limited,
    (error) => new DurableToolError({ tool: name, callId: id, message: failureMessage(error) })
  )
}
