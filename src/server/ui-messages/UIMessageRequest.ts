/** Decodes the requests of `useChat`. */
import * as Schema from "effect/Schema"
import type { ContentPart } from "../../domain/ContentPart.js"
import { textOf } from "../../domain/ContentPart.js"
import type { Message } from "../../domain/Message.js"
import type { DecidedApproval, Resume } from "../../tools/approvals/PendingApproval.js"
import { readApprovalToken } from "../answer/approvalToken.js"
import { type Conversation, callsOf, openResults, resultsOf } from "../answer/Conversation.js"
import { Malformed, requestSchema } from "../answer/requestSchema.js"
import { filePartOf } from "../answer/sentFile.js"
import { type AssistantStep, assistantSteps, resultIn } from "./assistantSteps.js"
import { isFilePart, isTextPart, type ToolUIPart, UIMessage } from "./UIMessage.js"

/** A request of `useChat`, decoded. */
export interface UIMessageRequest extends Conversation {
  /** The id of the chat; `""` if the client sent none. */
  readonly id: string
  /** Whether the user wrote something, or wants another answer to what was written. */
  readonly trigger: "submit-message" | "regenerate-message"
}

const Body = Schema.Struct({
  id: Schema.optionalWith(Schema.String.pipe(Schema.maxLength(1000)), { default: () => "" }),
  trigger: Schema.optionalWith(Schema.Literal("submit-message", "regenerate-message"), {
    default: () => "submit-message" as const
  }),
  messages: Schema.Array(UIMessage)
})

const userContent = ({ parts }: UIMessage): ReadonlyArray<ContentPart> | Malformed => {
  const content: Array<ContentPart> = []
  for (const part of parts) {
    if (isFilePart(part)) {
      const file = filePartOf(part)
      if (typeof file === "string") return new Malformed(file)
      content.push(file)
    } else if (isTextPart(part) && part.text !== "") content.push({ type: "text", text: part.text })
  }
  return content
}

const contentOf = (parts: ReadonlyArray<ContentPart>): string | ReadonlyArray<ContentPart> => {
  const [first] = parts
  return parts.length === 1 && first?.type === "text" ? first.text : parts
}

/** The decisions about the calls of the last step; `undefined` if it has none. */
const resumeOf = ({ message, tools }: AssistantStep): Resume | Malformed | undefined => {
  const approvals: Array<DecidedApproval> = []
  const calls = callsOf(message)
  for (const part of tools.values()) {
    if (part.state !== "approval-responded" || part.approval === undefined) continue
    const approval = readApprovalToken(part.approval.id, calls)
    if (approval === undefined) return new Malformed("an approval has an id that this server has not given")
    approvals.push({ approval, decision: decisionOf(part.approval) })
  }
  return approvals.length === 0 ? undefined : { approvals }
}

const decisionOf = ({ approved, reason }: NonNullable<ToolUIPart["approval"]>): DecidedApproval["decision"] =>
  approved === true ? "approve" : reason === undefined ? "deny" : { deny: reason }

/** Reads the messages of a user interface. A mutable class, because what a message means depends on the last one. */
class ConversationReader {
  readonly messages: Array<Message> = []
  readonly instructions: Array<string> = []
  resume: Resume | undefined

  /** Reads one message; says what is wrong with it. */
  add(message: UIMessage, isLast: boolean): Malformed | undefined {
    if (message.role === "assistant") return this.addSteps(assistantSteps(message), isLast)
    const content = userContent(message)
    if (content instanceof Malformed) return content
    if (message.role === "system") this.instructions.push(textOf(content))
    else if (content.length > 0) this.messages.push({ role: "user", content: contentOf(content) })
    return undefined
  }

  private addSteps(steps: ReadonlyArray<AssistantStep>, isLast: boolean): Malformed | undefined {
    for (const [index, step] of steps.entries()) {
      const { message, tools } = step
      const find = ({ id }: { readonly id: string }) => {
        const part = tools.get(id)
        return part === undefined ? undefined : resultIn(part)
      }
      const resume = isLast && index === steps.length - 1 ? resumeOf(step) : undefined
      if (resume instanceof Malformed) return resume
      this.messages.push(message)
      if (resume === undefined) this.messages.push(...resultsOf(message, find))
      else {
        const { known, added } = openResults(message, find)
        this.messages.push(...known)
        this.resume = { ...resume, results: added }
      }
    }
    return undefined
  }
}

const conversationOf = (messages: ReadonlyArray<UIMessage>): Conversation | Malformed => {
  const reader = new ConversationReader()
  for (const [index, message] of messages.entries()) {
    const malformed = reader.add(message, index === messages.length - 1)
    if (malformed !== undefined) return new Malformed(`messages[${index}]: ${malformed.problem}`)
  }
  const { instructions, resume } = reader
  return { messages: reader.messages, instructions, ...(resume === undefined ? {} : { resume }) }
}

/**
 * The schema of what `useChat` sends, decoded to messages for a model and to decisions about calls that waited.
 *
 * ```ts
 * const readChat = (body: unknown) => Schema.decodeUnknown(UIMessages.Request)(body)
 * ```
 */
export const UIMessageRequest: Schema.Schema<UIMessageRequest, typeof Body.Encoded> = requestSchema(Body)(
  ({ messages, ...request }) => {
    const conversation = conversationOf(messages)
    return conversation instanceof Malformed ? conversation : { ...request, ...conversation }
  }
)
