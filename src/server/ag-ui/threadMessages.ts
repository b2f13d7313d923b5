/** Reads the messages of an AG-UI thread as a conversation with a model. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AssistantPart, ContentPart } from "../../domain/ContentPart.js"
import { AssistantMessage, Message } from "../../domain/Message.js"
import { isObject } from "../../http/Json.js"
import type { DecidedApproval, Decision } from "../../tools/approvals/PendingApproval.js"
import { failureContent } from "../../tools/ToolResult.js"
import { readApprovalToken } from "../answer/approvalToken.js"
import { type Conversation, callsOf, type KnownResult, openResults, resultsOf } from "../answer/Conversation.js"
import { privateFieldsIn } from "../answer/privateFields.js"
import { Malformed } from "../answer/requestSchema.js"
import { filePartOf } from "../answer/sentFile.js"
import type { AGUIAssistantMessage, AGUIMessage, AGUIPart, AGUIToolMessage } from "./AGUIMessage.js"

/** An interrupt that the user has answered. */
export interface ResumeEntry {
  readonly interruptId: string
  readonly status: "resolved" | "cancelled"
  readonly payload?: unknown
}

/** Reads a conversation, and the answers to the interrupts of the last run. */
export const conversationOf = (
  thread: ReadonlyArray<AGUIMessage>,
  entries: ReadonlyArray<ResumeEntry>
): Conversation | Malformed => {
  const results = new Map<string, KnownResult>()
  for (const message of thread) {
    if (message.role !== "tool") continue
    const result = resultIn(message)
    if (result instanceof Malformed) return result
    results.set(message.toolCallId, result)
  }
  const open = entries.length === 0 ? -1 : thread.findLastIndex(({ role }) => role === "assistant" || role === "user")
  const messages: Array<Message> = []
  const instructions: Array<string> = []
  let resume: Conversation["resume"]
  for (const [index, message] of thread.entries()) {
    if (message.role === "system" || message.role === "developer") instructions.push(message.content)
    else if (message.role === "user") {
      const content = contentOf(message.content)
      if (content instanceof Malformed) return new Malformed(`messages[${index}]: ${content.problem}`)
      if (content.length > 0) messages.push({ role: "user", content })
    } else if (message.role === "assistant") {
      const answer = assistantMessage(message)
      if (answer === undefined) continue
      messages.push(answer)
      const find = ({ id }: { readonly id: string }) => results.get(id)
      if (index !== open) messages.push(...resultsOf(answer, find))
      else {
        const approvals = decisionsOf(entries, answer)
        if (approvals instanceof Malformed) return approvals
        const { known, added } = openResults(answer, find)
        messages.push(...known)
        resume = { approvals, results: added }
      }
    }
  }
  if (entries.length > 0 && resume === undefined) return new Malformed("there is no interrupted run to resume")
  return { messages, instructions, ...(resume === undefined ? {} : { resume }) }
}

const decisionsOf = (
  entries: ReadonlyArray<ResumeEntry>,
  message: AssistantMessage
): ReadonlyArray<DecidedApproval> | Malformed => {
  const calls = callsOf(message)
  const decided: Array<DecidedApproval> = []
  for (const entry of entries) {
    const approval = readApprovalToken(entry.interruptId, calls)
    if (approval === undefined) return new Malformed("resume has the id of an interrupt that this server has not given")
    decided.push({ approval, decision: decisionOf(entry) })
  }
  return decided
}

/** A payload approves with `true` or `{ approved: true }`, and with nothing else. */
const decisionOf = ({ status, payload }: ResumeEntry): Decision => {
  const fields = isObject(payload) ? payload : { approved: payload }
  if (status === "resolved" && fields["approved"] === true) return "approve"
  return typeof fields["reason"] === "string" ? { deny: fields["reason"] } : "deny"
}

const decodeExact = Schema.decodeUnknownOption(AssistantMessage)

/** The message as the model wrote it; `undefined` if it is empty. */
export const assistantMessage = ({
  content,
  toolCalls = [],
  metadata
}: AGUIAssistantMessage): AssistantMessage | undefined => {
  const exact = Option.getOrUndefined(decodeExact(privateFieldsIn(metadata)?.["message"]))
  if (exact !== undefined) return exact.content.length === 0 ? undefined : exact
  const text: ReadonlyArray<AssistantPart> =
    content === undefined || content === "" ? [] : [{ type: "text", text: content }]
  const calls = toolCalls.map(
    (call): AssistantPart => ({
      type: "tool-call",
      id: call.id,
      name: call.function.name,
      arguments: call.function.arguments
    })
  )
  if (calls.length > 0) return { role: "assistant", content: [...text, ...calls] }
  return content === undefined || content === "" ? undefined : { role: "assistant", content }
}

const decodeMessage = Schema.decodeUnknownOption(Message)

const resultIn = ({ content, error, metadata, toolCallId }: AGUIToolMessage): KnownResult | Malformed => {
  const fields = privateFieldsIn(metadata)
  const exact = Option.getOrUndefined(decodeMessage({ role: "tool", toolCallId, content: fields?.["content"] }))
  if (exact?.role === "tool") return { content: exact.content, isOurs: true }
  const parts = contentOf(content)
  if (parts instanceof Malformed) return parts
  const isFailure = error !== undefined && parts.length === 0
  return { content: isFailure ? failureContent(error) : parts, isOurs: fields !== undefined }
}

/** The content of a message; a part that cannot be used is malformed. */
export const contentOf = (
  content: string | ReadonlyArray<AGUIPart>
): string | ReadonlyArray<ContentPart> | Malformed => {
  if (typeof content === "string") return content
  const parts: Array<ContentPart> = []
  for (const part of content) {
    const read = partOf(part)
    if (typeof read === "string") return new Malformed(read)
    parts.push(read)
  }
  const [first] = parts
  return parts.length === 1 && first?.type === "text" ? first.text : parts
}

const partOf = (part: AGUIPart): ContentPart | string => {
  if (part.type === "text") return part
  const { type, value, mimeType = defaultTypes[part.type] } = part.source
  if (type === "file") return "a file is named by the handle of a provider; send its data or its URL"
  return filePartOf({ mediaType: mimeType, ...(type === "url" ? { url: value } : { data: value }) })
}

const defaultTypes = { image: "image/*", audio: "audio/*", video: "video/*", document: "application/octet-stream" }
