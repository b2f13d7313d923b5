/**
 * Writes messages in the JSON of the conventions, for callers who ask for content on spans:
 * https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-input-messages.json
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { type AssistantPart, type FilePart, type ImagePart, partsOf, textOf } from "../domain/ContentPart.js"
import { isHosted } from "../domain/HostedTool.js"
import { toJsonText } from "../domain/JsonText.js"
import type { AssistantMessage, Message, ToolMessage } from "../domain/Message.js"
import { parseJson } from "../http/Json.js"
import { attribute } from "./names.js"

interface Part {
  readonly type: string
  readonly [field: string]: unknown
}

/** The content of a request as attributes. A request that is not valid has none. */
export const requestContent = (
  request: ChatRequest,
  provider: string
): { readonly [name: string]: string | undefined } => {
  const checked = check(request, provider)
  if (Either.isLeft(checked)) return {}
  const { messages, tools } = checked.right
  return {
    [attribute.inputMessages]: toJsonText(messages.map(messageOf)),
    [attribute.toolDefinitions]: tools && toJsonText(tools.map(definitionOf))
  }
}

/** The JSON of a response's message. */
export const outputMessages = (message: AssistantMessage, finishReason: string | undefined): string | undefined =>
  toJsonText([
    { role: "assistant", parts: partsOf(message.content).map(partOf), finish_reason: finishReason ?? "error" }
  ])

/** The text of a tool's result. Images and files are left out. */
const resultText = (content: ToolMessage["content"]): string => textOf(content)

const messageOf = (message: Message): { readonly role: string; readonly parts: ReadonlyArray<Part> } => {
  if (message.role === "tool") {
    const response = { type: "tool_call_response", id: message.toolCallId, response: resultText(message.content) }
    return { role: "tool", parts: [response] }
  }
  const parts: ReadonlyArray<AssistantPart> = partsOf<AssistantPart>(message.content)
  return { role: message.role, parts: parts.map(partOf) }
}

const partOf = (part: AssistantPart): Part => {
  switch (part.type) {
    case "text":
    case "reasoning":
    case "refusal":
      return { type: part.type, content: part.text }
    case "tool-call":
      return { type: "tool_call", id: part.id, name: part.name, arguments: parseJson(part.arguments) ?? part.arguments }
    case "image":
    case "file":
      return mediaOf(part)
    case "provider":
      return { type: "provider", provider: part.provider }
    default:
      return part satisfies never
  }
}

// Inline bytes are left out: they would exceed what collectors accept.
const mediaOf = ({ type, url, mediaType }: ImagePart | FilePart): Part => {
  const modality = mediaType?.split("/", 1)[0] ?? type
  return url === undefined
    ? { type: "blob", modality, mime_type: mediaType }
    : { type: "uri", modality, mime_type: mediaType, uri: url }
}

const definitionOf = (tool: NonNullable<ChatRequest["tools"]>[number]) => {
  if (isHosted(tool)) return { type: tool.name, name: tool.name }
  const { name, description, parameters } = tool
  return { type: "function", name, description, ...(Schema.isSchema(parameters) ? {} : { parameters }) }
}
