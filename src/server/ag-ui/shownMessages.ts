/** Makes the messages that AG-UI's clients store of an answer, from which the exact conversation can be rebuilt. */
import type { ContentPart } from "../../domain/ContentPart.js"
import { canonicalJson } from "../../http/canonicalJson.js"
import type { JsonObject } from "../../http/Json.js"
import type { CallSettled, ResponseEnded } from "../answer/AnswerEvent.js"
import { privateFields } from "../answer/privateFields.js"
import type { AGUIPart } from "./AGUIMessage.js"
import { assistantMessage, contentOf } from "./threadMessages.js"

/** A message as clients store it. */
export interface ShownMessage extends JsonObject {
  readonly id: string
  readonly metadata?: JsonObject
}

/**
 * Makes the message of a response; `undefined` for an empty one. What the protocol has no field for, such as reasoning with
 * its signature, goes into its metadata.
 */
export const shownMessage = (id: string, text: string, { message, calls }: ResponseEnded): ShownMessage | undefined => {
  const toolCalls = calls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments }
  }))
  const shown = {
    ...(text === "" ? {} : { content: text }),
    ...(toolCalls.length === 0 ? {} : { toolCalls })
  }
  const isEmpty = text === "" && toolCalls.length === 0
  if (isEmpty && message.content.length === 0) return undefined
  const isExact = canonicalJson(assistantMessage({ role: "assistant", ...shown })) === canonicalJson(message)
  return { id, role: "assistant", ...shown, ...(isExact ? {} : { metadata: privateFields({ message }) }) }
}

/** Makes the message of a result. Its metadata says that this server wrote it. */
export const shownResult = (runId: string, { call: { toolCallId }, content }: CallSettled): ShownMessage => {
  const shown = typeof content === "string" ? content : content.map(partOf)
  const isExact = canonicalJson(contentOf(shown)) === canonicalJson(content)
  return {
    id: `${runId}/${toolCallId}`,
    role: "tool",
    toolCallId,
    content: shown,
    metadata: privateFields(isExact ? {} : { content })
  }
}

const partOf = (part: ContentPart): AGUIPart => {
  if (part.type === "text") return { type: "text", text: part.text }
  const { url, data = "", mediaType } = part
  return {
    type: part.type === "image" ? "image" : "document",
    source:
      url === undefined
        ? { type: "data", value: data, mimeType: mediaType ?? "" }
        : { type: "url", value: url, ...(mediaType === undefined ? {} : { mimeType: mediaType }) }
  }
}
