/** Runs the calls of a step: requests approvals, and turns the outcome of each call into events and a tool message. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Tracer from "effect/Tracer"
import { textOf } from "../domain/ContentPart.js"
import type { Message, ToolMessage } from "../domain/Message.js"
import { errorTag, observeTool, type ToolEnd } from "../telemetry/loopSpans.js"
import type { Decision } from "./approvals/PendingApproval.js"
import type { LoopCall } from "./LoopCall.js"
import type { PlannedCall, RunnableCall } from "./planCalls.js"
import type { ToolFailureReason, ToolLoopEvent } from "./ToolLoopEvent.js"
import { denialError, failureContent, type ToolOutcome } from "./ToolResult.js"
import { ToolTimer } from "./ToolTimer.js"

/** The outcome of a call: a message for the model, or what it waits for. */
export interface SettledCall {
  readonly call: LoopCall
  readonly message?: ToolMessage | undefined
  readonly waitsFor?: "approval" | "caller" | undefined
  readonly failure?: ToolFailureReason | undefined
}

/** The part of a loop that running calls needs. */
export interface CallRuntime {
  readonly messages: ReadonlyArray<Message>
  readonly concurrency: number | "unbounded"
  /** What the model is told of a tool. */
  readonly descriptionOf: (name: string) => string | undefined
  /** Whether to put arguments and results on spans. */
  readonly traceContent: boolean
  /** The span of the loop. */
  readonly span: Tracer.Span
  readonly approve: ((call: LoopCall) => Effect.Effect<Decision, unknown, unknown>) | undefined
  /** Sends an event to the reader of the loop, and waits for it if it is slow. */
  readonly emit: (event: ToolLoopEvent) => Effect.Effect<unknown>
}

/** Runs the calls of a step and gives their outcomes, in the order of the calls. */
export const runCalls = (
  calls: ReadonlyArray<PlannedCall>,
  runtime: CallRuntime
): Effect.Effect<ReadonlyArray<SettledCall>, unknown, unknown> => {
  const { approve } = runtime
  const [first, ...others] = calls
  // Most steps have one call, which needs no other fiber.
  if (first !== undefined && others.length === 0) return Effect.map(settle(first, runtime), (settled) => [settled])
  if (approve === undefined) return settleAll(calls, runtime)
  return Effect.flatMap(Effect.makeSemaphore(1), (oneAtATime) =>
    // A person cannot decide about two calls at once.
    settleAll(calls, { ...runtime, approve: (call) => oneAtATime.withPermits(1)(approve(call)) })
  )
}

const settleAll = (calls: ReadonlyArray<PlannedCall>, runtime: CallRuntime) =>
  Effect.forEach(calls, (call) => settle(call, runtime), { concurrency: runtime.concurrency })

const settle = (planned: PlannedCall, runtime: CallRuntime): Effect.Effect<SettledCall, unknown, unknown> => {
  const { call } = planned
  if (planned.type === "leave") return Effect.succeed({ call, waitsFor: "caller" })
  if (planned.type === "fail") return fail(call, planned.reason, planned.error, runtime)
  return Effect.flatMap(belowLoop(planned.tool.needsApproval(planned.args, call), runtime), (needsApproval) => {
    if (!needsApproval) return runCall(planned, runtime)
    const requested = runtime.emit({ type: "approval-requested", call })
    if (runtime.approve === undefined) return Effect.as(requested, { call, waitsFor: "approval" } as const)
    return Effect.flatMap(Effect.zipRight(requested, belowLoop(runtime.approve(call), runtime)), (decision) =>
      decision === "approve" ? runCall(planned, runtime) : deny(call, decision, runtime)
    )
  })
}

/** Runs an effect of the caller below the span of the loop. Most tools know without an effect that they need no approval. */
const belowLoop = <A>(
  effect: Effect.Effect<A, unknown, unknown>,
  { span }: CallRuntime
): Effect.Effect<A, unknown, unknown> => (Exit.isExit(effect) ? effect : Effect.withParentSpan(effect, span))

/** Runs a call that needs no approval, or has one. */
export const runCall = (
  { call, tool, execute, args }: RunnableCall,
  runtime: CallRuntime
): Effect.Effect<SettledCall, unknown, unknown> => {
  const { emit, messages } = runtime
  const timer = new ToolTimer(tool.timeout)
  const progress = (value: unknown) =>
    Effect.asVoid(timer.waiting(emit({ type: "tool-progressed", call, progress: value })))
  const running = execute(args, { ...call, messages, progress })
  const observed = {
    name: tool.name,
    parent: runtime.span,
    description: runtime.descriptionOf(tool.name),
    callId: call.toolCallId,
    arguments: call.arguments,
    traceContent: runtime.traceContent
  }
  return Effect.zipRight(
    emit({ type: "tool-started", call }),
    Effect.flatMap(observeTool(observed, timer.within(running, late), toolEnd), (outcome) => {
      if (outcome.type === "success") return succeed(call, outcome.content, runtime)
      return outcome.type === "failure"
        ? fail(call, "failure", outcome.error, runtime)
        : fail(call, "timeout", tookTooLong, runtime)
    })
  )
}

/** What the model is told of a call that exceeded its tool's timeout. */
export const tookTooLong = "the tool took too long and was stopped"

/** How a call ended, which may also have taken too long. */
type TimedOutcome = ToolOutcome | { readonly type: "timeout" }

const late: TimedOutcome = { type: "timeout" }

/** What a span says of an outcome. */
const toolEnd = (outcome: TimedOutcome): ToolEnd => {
  if (outcome.type === "success") return { result: textOf(outcome.content), errorType: undefined }
  if (outcome.type === "timeout") return { result: undefined, errorType: "timeout" }
  return { result: failureContent(outcome.error), errorType: errorTag(outcome.error) }
}

/** Tells the model that a call was denied. */
export const deny = (
  call: LoopCall,
  decision: Exclude<Decision, "approve">,
  { emit }: CallRuntime
): Effect.Effect<SettledCall> => {
  const reason = decision === "deny" ? undefined : decision.deny
  return Effect.as(emit({ type: "tool-denied", call, ...(reason === undefined ? {} : { reason }) }), {
    call,
    message: messageOf(call, failureContent(denialError(reason)))
  })
}

const succeed = (call: LoopCall, content: ToolMessage["content"], { emit }: CallRuntime): Effect.Effect<SettledCall> =>
  Effect.as(emit({ type: "tool-finished", call, content }), { call, message: messageOf(call, content) })

const fail = (
  call: LoopCall,
  reason: ToolFailureReason,
  error: unknown,
  { emit }: CallRuntime
): Effect.Effect<SettledCall> =>
  Effect.as(emit({ type: "tool-failed", call, reason, error }), {
    call,
    failure: reason,
    message: messageOf(call, failureContent(error))
  })

const messageOf = ({ toolCallId }: LoopCall, content: ToolMessage["content"]): ToolMessage => ({
  role: "tool",
  toolCallId,
  content
})
