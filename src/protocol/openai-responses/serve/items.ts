/** The output items of Responses: reasoning, a message, calls; each with the events that stream it. */
import type { JsonObject } from "../../../http/Json.js"
import type { ParsedRequest } from "../../serve/ParsedRequest.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import type { WireEvent } from "../../serve/Wire.js"

/** An event of an item, without what every event has. */
export interface ItemEvent {
  readonly part: WireEvent["part"]
  readonly type: string
  readonly fields: JsonObject
}

/** An item as it begins, grows and ends. */
export interface Item {
  readonly id: string
  readonly added: JsonObject
  readonly events: ReadonlyArray<ItemEvent>
  readonly done: JsonObject
}

/** The items of an answer. */
export const itemsOf = (answer: ServedReply, parsed: ParsedRequest): ReadonlyArray<Item> => [
  ...(answer.reasoning.length === 0 ? [] : [reasoningItem(answer, parsed)]),
  ...(answer.content.length === 0 && answer.toolCalls.length > 0 ? [] : [messageItem(answer)]),
  ...answer.toolCalls.map(callItem)
]

const event = (part: WireEvent["part"], type: string, fields: JsonObject): ItemEvent => ({ part, type, fields })

const reasoningItem = (answer: ServedReply, parsed: ParsedRequest): Item => {
  const id = `rs_${answer.id}`
  const text = answer.reasoning.join("")
  const sealed = parsed.wantsSealedReasoning ? { encrypted_content: signatureOf(text) } : {}
  const at = { summary_index: 0 }
  const type = "response.reasoning_summary"
  const item = { id, type: "reasoning", ...sealed }
  if (!answer.showsReasoning) return { id, added: { ...item, summary: [] }, events: [], done: { ...item, summary: [] } }
  return {
    id,
    added: { ...item, summary: [] },
    events: [
      event("frame", `${type}_part.added`, { ...at, part: { type: "summary_text", text: "" } }),
      ...answer.reasoning.map((delta) => event("piece", `${type}_text.delta`, { ...at, delta })),
      event("frame", `${type}_text.done`, { ...at, text }),
      event("frame", `${type}_part.done`, { ...at, part: { type: "summary_text", text } })
    ],
    done: { ...item, summary: [{ type: "summary_text", text }] }
  }
}

const messageItem = (answer: ServedReply): Item => {
  const id = `msg_${answer.id}`
  const text = answer.content.join("")
  const at = { content_index: 0 }
  const isWhole = answer.finishReason === "stop" || answer.finishReason === "tool_calls"
  const item = { id, type: "message", role: "assistant" }
  const part = { type: "output_text", annotations: [], logprobs: [], text }
  return {
    id,
    added: { ...item, status: "in_progress", content: [] },
    events: [
      event("frame", "response.content_part.added", { ...at, part: { ...part, text: "" } }),
      ...answer.content.map((delta) => event("piece", "response.output_text.delta", { ...at, delta, logprobs: [] })),
      event("frame", "response.output_text.done", { ...at, text, logprobs: [] }),
      event("frame", "response.content_part.done", { ...at, part })
    ],
    done: { ...item, status: isWhole ? "completed" : "incomplete", content: [part] }
  }
}

const callItem = (call: ServedToolCall, index: number): Item => {
  const id = `fc_${call.id}${index}`
  const { name, arguments: json } = call
  const item = { id, type: "function_call", call_id: call.isGivenId ? call.id : `call_${call.id}`, name }
  const type = "response.function_call_arguments"
  return {
    id,
    added: { ...item, status: "in_progress", arguments: "" },
    events: [
      ...call.pieces.map((delta) => event("piece", `${type}.delta`, { delta })),
      event("frame", `${type}.done`, { arguments: json, name })
    ],
    done: { ...item, status: "completed", arguments: json }
  }
}
