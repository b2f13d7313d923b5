/** The events of a tool loop: plain data that can be sent, stored and replayed. */
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { Message, ToolMessage } from "../domain/Message.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { PendingApproval } from "./approvals/PendingApproval.js"
import type { LoopCall } from "./LoopCall.js"
import type { StepSummary } from "./StepSummary.js"
import type { ReachedLimit } from "./StopWhen.js"

/**
 * Why a loop ended: the model finished its answer, calls wait for an approval or for the caller (`pending`), or a limit
 * of `stopWhen` was reached.
 */
export type EndReason = "finished" | "pending" | ReachedLimit

/**
 * The response of a loop: that of its last step, with the usage and cost of all steps. `toolCalls` are the calls of the
 * last step; those to act on are `pendingApprovals` and `pendingCalls`.
 */
export interface ToolLoopResponse extends ChatResponse {
  /** Why the loop ended. */
  readonly endReason: EndReason
  /** The whole conversation, to continue from. */
  readonly messages: ReadonlyArray<Message>
  /** The steps, in order. */
  readonly steps: ReadonlyArray<StepSummary>
  /** The calls that wait for an approval; give them to `resume` with a decision. */
  readonly pendingApprovals: ReadonlyArray<PendingApproval>
  /** The calls of tools without `execute`; the caller runs them and adds a tool message for each. */
  readonly pendingCalls: ReadonlyArray<LoopCall>
}

/** The model has written a chunk. */
export interface ChunkEvent {
  readonly type: "chunk"
  /** The step, from 0. */
  readonly step: number
  /** The chunk, as the model's stream has it. */
  readonly chunk: StreamChunk
}

/** A call begins to run. */
export interface ToolStarted {
  readonly type: "tool-started"
  /** The call. */
  readonly call: LoopCall
}

/** A running call reports progress. */
export interface ToolProgressed {
  readonly type: "tool-progressed"
  /** The call. */
  readonly call: LoopCall
  /** What the tool reports, as JSON. */
  readonly progress: unknown
}

/** A call has a result. */
export interface ToolFinished {
  readonly type: "tool-finished"
  /** The call. */
  readonly call: LoopCall
  /** What the model is told. */
  readonly content: ToolMessage["content"]
}

/** Why a call failed. */
export type ToolFailureReason = "failure" | "timeout" | "invalidArguments" | "unknownTool" | "repeated"

/** A call failed, and the model is told. */
export interface ToolFailed {
  readonly type: "tool-failed"
  /** The call. */
  readonly call: LoopCall
  /**
   * Whether the tool failed or took too long, the arguments do not fit, no tool has the name, or the same call came too
   * often.
   */
  readonly reason: ToolFailureReason
  /** The error that the model is told, as JSON. */
  readonly error: unknown
}

/** A call was denied, and the model is told. */
export interface ToolDenied {
  readonly type: "tool-denied"
  /** The call. */
  readonly call: LoopCall
  /** The reason of the denial, if one was given. */
  readonly reason?: string | undefined
}

/** A call waits for an approval, here or in a later request. */
export interface ApprovalRequested {
  readonly type: "approval-requested"
  /** The call. */
  readonly call: LoopCall
}

/** A step has ended, its calls included. */
export interface StepFinished {
  readonly type: "step-finished"
  /** The summary of the step. */
  readonly summary: StepSummary
  /** The messages that the step adds to the conversation: the response, then the results. */
  readonly messages: ReadonlyArray<Message>
}

/** A resumed loop has the results of all calls that were pending. */
export interface LoopResumed {
  readonly type: "resumed"
  /** The messages with their results, which follow the messages of the request. */
  readonly messages: ReadonlyArray<ToolMessage>
}

/** The loop has ended; the last event. */
export interface LoopEnded {
  readonly type: "end"
  /** The response of the loop. */
  readonly response: ToolLoopResponse
}

/** An event of a tool loop. */
export type ToolLoopEvent =
  | ChunkEvent
  | ApprovalRequested
  | ToolStarted
  | ToolProgressed
  | ToolFinished
  | ToolFailed
  | ToolDenied
  | LoopResumed
  | StepFinished
  | LoopEnded
