/**
 * Runs tool loops that survive the end of their process, and that can wait for days for an approval.
 *
 * ```ts
 * const refunds = DurableLoop.make("refunds", { tools: [weather, search] })
 * const { content } = yield* refunds.run("ticket-17", messages)
 * ```
 */
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as DurableDeferred from "@effect/workflow/DurableDeferred"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type { ChatOptions } from "../../client/ClientOptions.js"
import { LLMClient } from "../../client/LLMClient.js"
import { checkOptions, countProblem, wholeProblem } from "../../domain/checkOptions.js"
import { isHosted } from "../../domain/HostedTool.js"
import { LLMError, type ValidationError } from "../../domain/LLMError.js"
import { Message } from "../../domain/Message.js"
import { isObject } from "../../http/Json.js"
import type { Decision } from "../../tools/approvals/PendingApproval.js"
import type { LoopCall } from "../../tools/LoopCall.js"
import type { StopWhen } from "../../tools/StopWhen.js"
import * as ToolLoop from "../../tools/ToolLoop.js"
import type { ToolLoopResponse } from "../../tools/ToolLoopEvent.js"
import type { LoopContext, LoopTool, ToolLoopRequest } from "../../tools/ToolLoopOptions.js"
import type { DurableEngine } from "./DurableEngine.js"
import { DurableError } from "./DurableError.js"
import { DurableToolError } from "./DurableToolError.js"
import { durableClient } from "./durableClient.js"
import { durableTool } from "./durableTool.js"
import { clearExecution, type Execution, isStored } from "./execution.js"
import { decisionOf, loopApprovals } from "./loopApprovals.js"
import { waitingCalls } from "./loopStatus.js"
import type { CallRetries } from "./modelCall.js"
import { resumeAtOnce } from "./workflowLayer.js"

/** The options of a durable loop: the fields of its requests, its tools and its limits. */
export interface LoopOptions<Tools extends ReadonlyArray<LoopTool>, R>
  extends Omit<ToolLoopRequest, "messages">,
    Pick<ChatOptions, "policies" | "timeouts" | "caller">,
    CallRetries {
  /**
   * The tools. The result of each call is stored. If the process ends before that, the call runs again. The calls of hosted
   * tools are part of the stored response.
   */
  readonly tools: Tools
  /** The version, 1 by default. Change it with the options. Running loops of the old version wait for its runner. */
  readonly version?: number | undefined
  /** The limits; 8 steps by default. There is no time limit, because it would include the time of restarts and approvals. */
  readonly stopWhen?: Omit<StopWhen, "time"> | undefined
  /** How many calls of one step run at the same time; all by default. */
  readonly concurrency?: number | undefined
  /** Runs when a call needs an approval, at least once for each such call; notify the person who decides. */
  readonly onApproval?: ((call: LoopCall) => Effect.Effect<void, never, R>) | undefined
}

/** The state of a loop, and its calls that wait. */
export interface LoopStatus {
  /** Not started, running, waiting for approvals, or ended. */
  readonly state: "unknown" | "running" | "waiting" | "ended"
  /** The calls that wait for an approval. */
  readonly waiting: ReadonlyArray<LoopCall>
}

/** A kind of durable loop. `R` is the context of its tools. */
export interface DurableLoop<R> {
  /** Runs the loops in this process. A process that only starts, reads and decides does not need it. */
  readonly layer: Layer.Layer<never, ValidationError, DurableEngine | R>
  /** Starts the loop of this id. If it was started before, it keeps its first messages. */
  readonly start: (id: string, messages: ReadonlyArray<Message>) => Effect.Effect<void, never, WorkflowEngine>
  /** Starts or continues the loop of this id, and waits for its end, through all approvals. */
  readonly run: (
    id: string,
    messages: ReadonlyArray<Message>
  ) => Effect.Effect<ToolLoopResponse, LLMError | DurableToolError, WorkflowEngine>
  /** Gives the state of the loop of this id. */
  readonly status: (id: string) => Effect.Effect<LoopStatus, DurableError, DurableEngine>
  /**
   * Decides about a call that waits, from any process. The first decision counts; a call that does not wait (any more) is a
   * `DurableError` (`NotWaiting`). Your program must check that the user may decide.
   */
  readonly decide: (id: string, callId: string, decision: Decision) => Effect.Effect<void, DurableError, DurableEngine>
  /** Deletes the stored data of a loop that has ended. A later `start` of the same id begins a new loop. */
  readonly clear: (id: string) => Effect.Effect<void, DurableError, Sharding | MessageStorage>
}

/** A response as plain JSON; its `rawResponse` is `null`. */
const StoredLoopResponse: Schema.Schema<ToolLoopResponse> = Schema.declare(
  (value): value is ToolLoopResponse => isObject(value) && typeof value.endReason === "string"
)

const workflowOf = (name: string) =>
  Workflow.make({
    name,
    payload: { id: Schema.String, messages: Schema.Array(Message) },
    success: StoredLoopResponse,
    error: Schema.Union(LLMError.schema, DurableToolError),
    idempotencyKey: ({ id }) => id,
    // How often `run` checks whether a suspended loop has ended.
    suspendedRetrySchedule: Schedule.union(Schedule.exponential("100 millis", 1.5), Schedule.spaced("2 seconds"))
  })

type LoopWorkflow = ReturnType<typeof workflowOf>

/** The context of the tools of a loop. */
type ToolsOf<Tools extends ReadonlyArray<LoopTool>> = LoopContext<{
  /** The tools of the loop. */
  readonly tools: Tools
  /** Approvals are not signed, so `Approvals` is not needed. */
  readonly approve: (call: LoopCall) => Effect.Effect<Decision>
}>

/**
 * Names a kind of loop. Its name, its version and the id of a loop identify the stored loop. Each response of the model,
 * each result of a tool and each decision is stored, and after a restart it is read instead of repeated. A call whose result
 * was not stored runs again with the same `id`, which serves as its idempotency key.
 *
 * ```ts
 * const loop = DurableLoop.make("assistant", { tools: [weather, search], stopWhen: { steps: 5 } })
 * const program = loop.run("ticket-17", messages).pipe(
 *   Effect.provide(loop.layer),
 *   Effect.provide(Durable.sqlite("work.db"))
 * )
 * ```
 */
export const make = <const Tools extends ReadonlyArray<LoopTool>, R = never>(
  name: string,
  options: LoopOptions<Tools, R>
): DurableLoop<ToolsOf<Tools> | R> => {
  const { version = 1, retries = 3 } = options
  const workflow = workflowOf(`${name}/v${version}`)
  const execution = (id: string) =>
    Effect.map(workflow.executionId({ id, messages: [] }), (execution) => ({ workflow: workflow.name, id: execution }))
  const waiting = (id: string) => Effect.flatMap(execution(id), (found) => waitingCalls(found, retries))
  return {
    // The loop calls tools of many types; `ToolsOf` collects what they need.
    layer: loopLayer(workflow, options) as Layer.Layer<never, ValidationError, DurableEngine | ToolsOf<Tools> | R>,
    start: (id, messages) => Effect.asVoid(workflow.execute({ id, messages }, { discard: true })),
    run: (id, messages) => workflow.execute({ id, messages }),
    status: (id) => Effect.flatMap(execution(id), (found) => statusOf(workflow, found, retries)),
    decide: (id, callId, decision) =>
      Effect.gen(function* () {
        const call = (yield* waiting(id)).find((each) => each.id === callId)
        if (call === undefined) return yield* notWaiting
        const deferred = decisionOf(call)
        const token = DurableDeferred.tokenFromExecutionId(deferred, {
          workflow,
          executionId: (yield* execution(id)).id
        })
        yield* DurableDeferred.succeed(deferred, { token, value: decision })
      }),
    clear: (id) => Effect.flatMap(execution(id), clearExecution)
  }
}

const notWaiting = new DurableError({
  reason: "NotWaiting",
  message: "this call does not wait for an approval; read the status of its loop again"
})

const statusOf = (
  workflow: LoopWorkflow,
  execution: Execution,
  retries: number
): Effect.Effect<LoopStatus, DurableError, DurableEngine> =>
  Effect.gen(function* () {
    const result = yield* workflow.poll(execution.id)
    if (result?._tag === "Complete") return { state: "ended", waiting: [] }
    const waiting = yield* waitingCalls(execution, retries)
    if (waiting.length > 0) return { state: "waiting", waiting }
    const isStarted = yield* isStored(execution, { tag: "run", key: "" })
    return { state: isStarted ? "running" : "unknown", waiting }
  })

/** Runs one loop as an execution of its workflow. */
const runLoop = (
  messages: ReadonlyArray<Message>,
  loopId: string,
  options: LoopOptions<ReadonlyArray<LoopTool>, unknown>,
  all: Context.Context<LLMClient>
) => {
  const {
    tools,
    version: _,
    stopWhen,
    concurrency,
    onApproval,
    policies,
    timeouts,
    caller,
    retries,
    ...request
  } = options
  // Tools get the client that stores nothing, and the scope of their own call.
  const context = Context.omit(Scope.Scope)(all) as Context.Context<unknown>
  const runtime = { context, onApproval, approvals: loopApprovals() }
  const durable = tools.map((tool) => (isHosted(tool) ? tool : durableTool(tool, runtime)))
  return Effect.gen(function* () {
    const client = yield* durableClient(Context.get(all, LLMClient), { policies, timeouts, caller, retries })
    const loop = { tools: durable, stopWhen, concurrency, loopId }
    const response = yield* Effect.provideService(ToolLoop.run({ ...request, messages }, loop), LLMClient, client)
    return { ...response, rawResponse: null }
  })
}

const loopLayer = (workflow: LoopWorkflow, options: LoopOptions<ReadonlyArray<LoopTool>, unknown>) => {
  const { version = 1, retries = 3, concurrency = 1 } = options
  const checked = checkOptions("DurableLoop", [
    wholeProblem("version", version),
    wholeProblem("retries", retries),
    countProblem("concurrency", concurrency)
  ])
  const registered = Effect.map(Effect.zipRight(checked, Effect.context<LLMClient>()), (context) =>
    workflow.toLayer(({ messages }, loopId) => runLoop(messages, loopId, options, context))
  )
  return resumeAtOnce(Layer.unwrapEffect(registered))
}
