/** Writes a whole response as the JSON of Responses. */
import type { ChatResponse } from "../../../domain/ChatResponse.js"
import { type AssistantPart, partsOf } from "../../../domain/ContentPart.js"
import type { JsonObject } from "../../../http/Json.js"
import type { ResponseHead } from "../../serve/ResponseWriter.js"
import { endOf, responseJson, usageJson } from "./json.js"
import { cite, isOutput, OutputItem } from "./OutputItem.js"

/** The body of a response. */
export const responseBody = (
  { message, finishReason, usage, sources = [] }: ChatResponse,
  head: ResponseHead,
  wantsSeals: boolean
): JsonObject => {
  const end = endOf(finishReason, head.createdAt)
  const parts = partsOf<AssistantPart>(message.content).filter(({ type }) => isOutput(type))
  const items = parts.flatMap((part, index) => itemOf(part, index, head, wantsSeals) ?? [])
  let length = 0
  for (const item of items) {
    item.start = length
    if (item.type === "text" || item.type === "refusal") length += item.text.length
  }
  cite(items, sources)
  const output = items.map((item) => item.done(item.index === parts.length - 1 ? end.status : "completed"))
  return responseJson(head, { ...end, output, usage: usage === null ? null : usageJson(usage) })
}

const itemOf = (part: AssistantPart, index: number, { id }: ResponseHead, wantsSeals: boolean) => {
  if (part.type !== "text" && part.type !== "refusal" && part.type !== "reasoning" && part.type !== "tool-call")
    return undefined
  const item = new OutputItem(part.type, index, id, wantsSeals)
  item.addMetadata(part.providerMetadata)
  if (part.type === "tool-call") {
    item.call = { id: part.id, name: part.name }
    item.text = part.arguments
  } else item.text = part.text
  return item
}
