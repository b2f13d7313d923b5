/** The common part of the decoded requests of front ends. */

import { type AssistantPart, partsOf } from "../../domain/ContentPart.js"
import type { AssistantMessage, Message, ToolCall, ToolMessage } from "../../domain/Message.js"
import type { Resume } from "../../tools/approvals/PendingApproval.js"
import { failureContent } from "../../tools/ToolResult.js"

/** The conversation that a front end sends. The client can write anything into it; only approvals are signed. */
export interface Conversation {
  /** The messages of the user, the model and the tools. */
  readonly messages: ReadonlyArray<Message>
  /**
   * The text of system messages that the client sent. They are not among the messages, because the instructions of a
   * conversation are the server's; use them only if your clients may give instructions.
   */
  readonly instructions: ReadonlyArray<string>
  /** Decisions about the calls that waited for an approval; give it to the loop. */
  readonly resume?: Resume | undefined
}

/** The result of a call as the client has it, and whether this server wrote it. */
export interface KnownResult {
  readonly content: ToolMessage["content"]
  readonly isOurs: boolean
}

/** The calls of a message. */
export const callsOf = ({ content }: AssistantMessage): ReadonlyArray<ToolCall> =>
  partsOf<AssistantPart>(content).filter((part) => part.type === "tool-call")

/**
 * The messages with the results of calls, in the order of the calls. A call without a result, such as one that was
 * stopped, gets one that says so: providers reject calls without results.
 */
export const resultsOf = (
  message: AssistantMessage,
  find: (call: ToolCall) => KnownResult | undefined
): ReadonlyArray<ToolMessage> =>
  callsOf(message).map((call) => ({
    role: "tool",
    toolCallId: call.id,
    content: find(call)?.content ?? failureContent("the call has no result: it was stopped, or not approved")
  }))

/** The results of the last step of a resumed loop: those of the loop itself, and those of the client. */
export const openResults = (
  message: AssistantMessage,
  find: (call: ToolCall) => KnownResult | undefined
): { readonly known: ReadonlyArray<ToolMessage>; readonly added: ReadonlyArray<ToolMessage> } => {
  const results = callsOf(message).flatMap((call) => {
    const result = find(call)
    if (result === undefined) return []
    return [{ isOurs: result.isOurs, message: { role: "tool", toolCallId: call.id, content: result.content } as const }]
  })
  return {
    known: results.filter(({ isOurs }) => isOurs).map(({ message }) => message),
    added: results.filter(({ isOurs }) => !isOurs).map(({ message }) => message)
  }
}
