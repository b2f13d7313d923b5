/** The output items of Responses: reasoning, a message, calls; each with the events that stream it. */
import type { JsonObject } from "../../../http/Json.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import type { ParsedRequest } from "../../serve/ParsedRequest.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import type { StreamEvent } from "../../serve/WireFormat.js"

/** An event of an item, without what every event has. */
export interface ItemEvent {
  readonly part: StreamEvent["part"]
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

/** The items of an reply. */
export const itemsOf = (reply: ServedReply, parsed: ParsedRequest): ReadonlyArray<Item> => [
  ...(reply.reasoning.length === 0 ? [] : [reasoningItem(reply, parsed)]),
  ...(reply.content.length === 0 && reply.toolCalls.length > 0 ? [] : [messageItem(reply)]),
  ...reply.toolCalls.map(callItem)
]

const event = (part: StreamEvent["part"], type: string, fields: JsonObject): ItemEvent => ({ part, type, fields })

const reasoningItem = (reply: ServedReply, parsed: ParsedRequest): Item => {
  const id = `rs_${reply.id}`
  const text = reply.reasoning.join("")
  const sealed = parsed.wantsSealedReasoning ? { encrypted_content: signatureOf(text) } : {}
  const at = { summary_index: 0 }
  const type = "response.reasoning_summary"
  const item = { id, type: "reasoning", ...sealed }
  if (!reply.showsReasoning) return { id, added: { ...item, summary: [] }, events: [], done: { ...item, summary: [] } }
  return {
    id,
    added: { ...item, summary: [] },
    events: [
      event("framing", `${type}_part.added`, { ...at, part: { type: "summary_text", text: "" } }),
      ...reply.reasoning.map((delta) =>
        event("delta", `${type}_text.delta`, { ...at, delta, obfuscation: obfuscationOf(delta) })
      ),
      event("framing", `${type}_text.done`, { ...at, text }),
      event("framing", `${type}_part.done`, { ...at, part: { type: "summary_text", text } })
    ],
    done: { ...item, summary: [{ type: "summary_text", text }] }
  }
}

const messageItem = (reply: ServedReply): Item => {
  const id = `msg_${reply.id}`
  const text = reply.content.join("")
  const at = { content_index: 0 }
  const isComplete = reply.finishReason === "stop" || reply.finishReason === "tool_calls"
  const itemOf = (status: string, content: ReadonlyArray<JsonObject>): JsonObject => ({
    id,
    type: "message",
    status,
    content,
    role: "assistant"
  })
  const part = { type: "output_text", annotations: [], logprobs: [], text }
  return {
    id,
    added: itemOf("in_progress", []),
    events: [
      event("framing", "response.content_part.added", { ...at, part: { ...part, text: "" } }),
      ...reply.content.map((delta) =>
        event("delta", "response.output_text.delta", { ...at, delta, logprobs: [], obfuscation: obfuscationOf(delta) })
      ),
      event("framing", "response.output_text.done", { ...at, text, logprobs: [] }),
      event("framing", "response.content_part.done", { ...at, part })
    ],
    done: itemOf(isComplete ? "completed" : "incomplete", [part])
  }
}

const callItem = (call: ServedToolCall, index: number): Item => {
  const id = `fc_${call.id}${index}`
  const { name, arguments: json } = call
  const itemOf = (status: string, text: string): JsonObject => ({
    id,
    type: "function_call",
    status,
    arguments: text,
    call_id: call.isGivenId ? call.id : `call_${call.id}`,
    name
  })
  const type = "response.function_call_arguments"
  return {
    id,
    added: itemOf("in_progress", ""),
    events: [
      ...call.pieces.map((delta) => event("delta", `${type}.delta`, { delta, obfuscation: obfuscationOf(delta) })),
      event("framing", `${type}.done`, { arguments: json })
    ],
    done: itemOf("completed", json)
  }
}
