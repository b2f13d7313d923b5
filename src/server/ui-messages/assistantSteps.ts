/** Reads the message of an assistant in a user interface as the steps that made it. */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AssistantPart, ContentPart } from "../../domain/ContentPart.js"
import { AssistantMessage, Message } from "../../domain/Message.js"
import { denialError, failureContent } from "../../tools/ToolResult.js"
import type { KnownResult } from "../answer/Conversation.js"
import { exactPartType, privateFieldsIn } from "../answer/privateFields.js"
import { isTextPart, isToolPart, type ToolUIPart, type UIMessage, type UIPart } from "./UIMessage.js"

/** One response of the model, with the calls as the page shows them. */
export interface AssistantStep {
  readonly message: AssistantMessage
  readonly tools: ReadonlyMap<string, ToolUIPart>
}

/** The steps of a message that have anything to tell the model. */
export const assistantSteps = ({ parts }: UIMessage): ReadonlyArray<AssistantStep> => {
  const steps: Array<Array<UIPart>> = [[]]
  for (const part of parts) {
    if (part.type === "step-start") steps.push([])
    else steps.at(-1)?.push(part)
  }
  return steps.map(stepOf).filter(({ message }) => message.content.length > 0)
}

const stepOf = (parts: ReadonlyArray<UIPart>): AssistantStep => ({
  message: exactMessage(parts) ?? { role: "assistant", content: contentOf(parts.flatMap(partOf)) },
  tools: new Map(parts.filter(isToolPart).map((part) => [part.toolCallId, part]))
})

const decodeMessage = Schema.decodeUnknownOption(AssistantMessage)

/** The message as the model wrote it, where the parts that pages show have lost something of it. */
const exactMessage = (parts: ReadonlyArray<UIPart>): AssistantMessage | undefined => {
  const exact = parts.findLast(({ type }) => type === exactPartType)
  return exact !== undefined && "data" in exact ? Option.getOrUndefined(decodeMessage(exact.data)) : undefined
}

const contentOf = (parts: ReadonlyArray<AssistantPart>): AssistantMessage["content"] => {
  const [first] = parts
  return parts.length === 1 && first?.type === "text" ? first.text : parts
}

const partOf = (part: UIPart): ReadonlyArray<AssistantPart> => {
  if (isToolPart(part)) return callOf(part)
  if (!isTextPart(part) || part.text === "") return []
  return [{ type: part.type, text: part.text }]
}

const callOf = (part: ToolUIPart): ReadonlyArray<AssistantPart> => {
  // Its arguments had not arrived.
  if (part.state === "input-streaming") return []
  const name = part.type === "dynamic-tool" ? (part.toolName ?? "") : part.type.slice("tool-".length)
  const input = typeof part.input === "object" && part.input !== null ? part.input : {}
  return [{ type: "tool-call", id: part.toolCallId, name, arguments: JSON.stringify(input) }]
}

/** The result of a call; `undefined` while it has none. */
export const resultIn = (part: ToolUIPart): KnownResult | undefined => {
  const fields = privateFieldsIn(part.resultProviderMetadata)
  const content = resultContent(part, fields?.["form"])
  return content === undefined ? undefined : { content, isOurs: fields !== undefined }
}

const resultContent = (part: ToolUIPart, form: unknown): KnownResult["content"] | undefined => {
  const { state, output, errorText, preliminary, approval } = part
  switch (state) {
    case "output-available":
      return preliminary === true ? undefined : outputContent(output, form)
    case "output-error":
      return failureContent(form === "json" ? jsonOf(errorText) : errorText)
    case "output-denied":
      return failureContent(errorText ?? denialError(approval?.reason))
    default:
      return undefined
  }
}

const isMessage = Schema.is(Message)

const outputContent = (output: unknown, form: unknown): KnownResult["content"] => {
  if (form === "parts" && isContentParts(output)) return output
  return typeof output === "string" && form !== "json" ? output : (JSON.stringify(output) ?? "")
}

const isContentParts = (output: unknown): output is ReadonlyArray<ContentPart> =>
  Array.isArray(output) && isMessage({ role: "tool", toolCallId: "", content: output })

const jsonOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? "null")
  } catch {
    return text
  }
}
