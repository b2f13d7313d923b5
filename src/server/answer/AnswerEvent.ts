/** The events of an answer, before they are written in the protocol of a front end. */
import type { AssistantMessage, ToolCall, ToolMessage } from "../../domain/Message.js"
import type { Source } from "../../domain/Source.js"
import type { FinishReason, Origin, StreamChunk } from "../../domain/StreamChunk.js"
import type { Usage } from "../../domain/Usage.js"
import type { PendingApproval } from "../../tools/approvals/PendingApproval.js"
import type { LoopCall } from "../../tools/LoopCall.js"
import type { ToolLoopEvent } from "../../tools/ToolLoopEvent.js"

/** An element of the stream that is served: a chunk of a response, or an event of a tool loop. */
export type AnswerElement = StreamChunk | ToolLoopEvent

/** The two kinds of text that front ends show. */
export type TextKind = "text" | "reasoning"

/** A response begins: the only one, or that of a step of a loop. */
export interface ResponseBegun {
  readonly type: "response-begin"
  /** Counts the responses of the answer, from 0. */
  readonly step: number
}

/** Text to append. */
export interface TextAdded {
  readonly type: "text"
  readonly kind: TextKind
  readonly text: string
  /** Whether it begins a part of the message. */
  readonly begins: boolean
}

/** The response cites web pages. */
export interface SourcesAdded {
  readonly type: "sources"
  /** Those that are new; their ranges are in the text of the response. */
  readonly sources: ReadonlyArray<Source>
}

/** A response has ended. */
export interface ResponseEnded {
  readonly type: "response-end"
  /** The message as the conversation continues with it. */
  readonly message: AssistantMessage
  /** The calls as the model wrote them. */
  readonly calls: ReadonlyArray<ToolCall>
  /** Whether the response was cut off, so that its calls are not in the message and do not run. */
  readonly isCutOff: boolean
  /** Whether the message has its parts in another order than that in which their text came. */
  readonly isReordered: boolean
}

/** A call has a result, or will have none. */
export interface CallSettled {
  readonly type: "result"
  readonly call: LoopCall
  /** What the model is told. */
  readonly content: ToolMessage["content"]
  /** The error, as JSON, if the call failed or was denied. */
  readonly error?: unknown
  readonly isDenied?: true
}

/** The answer to this request is complete. It can have calls that wait. */
export interface AnswerEnded {
  readonly type: "end"
  readonly finishReason: FinishReason
  readonly usage: Usage | null
  readonly cost: number | undefined
  readonly origin: Origin | undefined
  /** The calls that wait for an approval. */
  readonly approvals: ReadonlyArray<PendingApproval>
  /** The ids of the calls that the front end has to run. */
  readonly pendingCalls: ReadonlyArray<string>
}

/** One event of an answer. */
export type AnswerEvent =
  | ResponseBegun
  | TextAdded
  | { readonly type: "call-begin"; readonly id: string; readonly name: string }
  | { readonly type: "call-text"; readonly id: string; readonly text: string }
  | { readonly type: "file"; readonly url: string; readonly mediaType: string }
  | SourcesAdded
  /** The response starts again: what it has shown must go. */
  | { readonly type: "reset" }
  | ResponseEnded
  | { readonly type: "progress"; readonly call: LoopCall; readonly progress: unknown }
  | CallSettled
  | AnswerEnded
