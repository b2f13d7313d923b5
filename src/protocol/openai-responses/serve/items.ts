/** The output items of Responses: reasoning, a message, calls; each with the events that stream it. */
import type { JsonObject } from "../../../http/Json.js"
import { obfuscationOf } from "../../serve/obfuscation.js"
import { citationsOf } from "../../serve/openAISources.js"
import type { ParsedRequest } from "../../serve/ParsedRequest.js"
import type { ServedReply, ServedToolCall } from "../../serve/ServedReply.js"
import { signatureOf } from "../../serve/signature.js"
import type { StreamEvent } from "../../serve/WireFormat.js"
import {
  argumentsEvents,
  type ContentEvent,
  type ContentEvents,
  callJson,
  citingTextEvents,
  messageJson,
  reasoningJson,
  summaryEvents
} from "./content.js"

/** An event of an item, without what every event has. */
export interface ItemEvent extends ContentEvent {
  readonly part: StreamEvent["part"]
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

const framing = (events: ReadonlyArray<ContentEvent>): ReadonlyArray<ItemEvent> =>
  events.map((event) => ({ part: "framing", ...event }))

/** The events of a content that streams in pieces. */
const streamed = (content: ContentEvents, pieces: ReadonlyArray<string>, text: string): ReadonlyArray<ItemEvent> => [
  ...framing(content.open),
  ...pieces.map((delta): ItemEvent => {
    const { type, fields } = content.delta(delta)
    return { part: "delta", type, fields: { ...fields, obfuscation: obfuscationOf(delta) } }
  }),
  ...framing(content.close(text))
]

const reasoningItem = (reply: ServedReply, parsed: ParsedRequest): Item => {
  const id = `rs_${reply.id}`
  const text = reply.reasoning.join("")
  const sealed = parsed.wantsSealedReasoning ? signatureOf(text) : undefined
  const added = reasoningJson(id, undefined, sealed)
  return reply.showsReasoning
    ? { id, added, events: streamed(summaryEvents, reply.reasoning, text), done: reasoningJson(id, text, sealed) }
    : { id, added, events: [], done: added }
}

const messageItem = (reply: ServedReply): Item => {
  const id = `msg_${reply.id}`
  const text = reply.content.join("")
  const isComplete = reply.finishReason === "stop" || reply.finishReason === "tool_calls"
  const annotations = citationsOf(reply).map((citation) => ({ type: "url_citation", ...citation }))
  return {
    id,
    added: messageJson(id, "in_progress", "text", undefined),
    events: streamed(citingTextEvents(annotations), reply.content, text),
    done: messageJson(id, isComplete ? "completed" : "incomplete", "text", text, annotations)
  }
}

const callItem = (call: ServedToolCall, index: number): Item => {
  const id = `fc_${call.id}${index}`
  const { name, arguments: json } = call
  const named = { id: call.isGivenId ? call.id : `call_${call.id}`, name, arguments: json }
  return {
    id,
    added: callJson(id, "in_progress", { ...named, arguments: "" }),
    events: streamed(argumentsEvents, call.pieces, json),
    done: callJson(id, "completed", named)
  }
}
