/** OpenAI's Responses, from the server's side: https://platform.openai.com/docs/api-reference/responses-streaming */
import type { JsonObject } from "../../../http/Json.js"
import { inTurns } from "../../serve/inTurns.js"
import { errorOf, errorResponse } from "../../serve/openAIErrors.js"
import { openAIFormat } from "../../serve/openAIFormat.js"
import type { ParsedRequest } from "../../serve/ParsedRequest.js"
import type { ServedReply } from "../../serve/ServedReply.js"
import { createdAt, namedEvent, type StreamEvent, type WireFormat } from "../../serve/WireFormat.js"
import { type Item, type ItemEvent, itemsOf } from "./items.js"
import { endOf, responseJson, usageJson } from "./json.js"
import { parseRequest } from "./request.js"

const responseOf = (id: string, model: string, fields: JsonObject): JsonObject =>
  responseJson({ id, model, createdAt }, fields)

const finished = (reply: ServedReply, parsed: ParsedRequest, items: ReadonlyArray<Item>): JsonObject =>
  responseOf(reply.id, reply.model, {
    store: parsed.isStored,
    background: parsed.isBackground === true,
    ...endOf(reply.finishReason, createdAt),
    output: items.map((item) => item.done),
    usage: usageJson(reply.usage)
  })

/** The events of one item, before they have their numbers. */
const eventsOf = (item: Item, index: number) => {
  const framing = (type: string, value: JsonObject): ReadonlyArray<ItemEvent> => [
    { part: "framing", type, fields: { output_index: index, item: value } }
  ]
  return {
    opening: framing("response.output_item.added", item.added),
    growth: item.events.map(
      ({ part, type, fields }): ItemEvent => ({
        part,
        type,
        fields: { item_id: item.id, output_index: index, ...fields }
      })
    ),
    closing: framing("response.output_item.done", item.done)
  }
}

const streamEvents = (reply: ServedReply, parsed: ParsedRequest): ReadonlyArray<StreamEvent> => {
  const items = itemsOf(reply, parsed)
  const background = parsed.isBackground === true
  const opened = responseOf(reply.id, reply.model, { store: parsed.isStored, background })
  const queued = { response: { ...opened, status: "queued" } }
  const last = finished(reply, parsed, items)
  const events = items.map(eventsOf)
  const ordered: ReadonlyArray<ItemEvent> = [
    { part: "framing", type: "response.created", fields: background ? queued : { response: opened } },
    ...(background ? [{ part: "framing" as const, type: "response.queued", fields: queued }] : []),
    { part: "framing", type: "response.in_progress", fields: { response: opened } },
    ...inTurns(
      events.map((each) => each.opening),
      events.map((each) => each.growth),
      reply.interleavesCalls,
      events.map((each) => each.closing)
    ),
    { part: "finish", type: `response.${last["status"]}`, fields: { response: last } }
  ]
  return ordered.map(({ part, type, fields }, sequence) => ({
    part,
    text: namedEvent({ type, sequence_number: sequence, ...fields })
  }))
}

/** The wire format of Responses. */
export const openAIResponses: WireFormat = {
  ...openAIFormat,
  parseRequest,
  streamEvents,
  responseBody: (reply, parsed) => finished(reply, parsed, itemsOf(reply, parsed)),
  // This API answers an unknown model with 400.
  errorResponse: (reported, model) => {
    const failed = errorResponse(reported, model)
    return reported.kind === "modelNotFound" ? { ...failed, status: 400 } : failed
  },
  // The real one reports it twice: as an event of its own and as the state of the response.
  errorEvent: (reported, model) => {
    const { type, code, message, param } = errorOf(reported, model)
    const response = responseOf("failed", model, { status: "failed", error: { code: code ?? type, message } })
    return (
      namedEvent({ type: "error", sequence_number: 0, error: { type, code: code ?? type, message, param } }) +
      namedEvent({ type: "response.failed", sequence_number: 0, response })
    )
  },
  keepAlive: namedEvent({ type: "keepalive", sequence_number: 0 }),
  unknownEvent: namedEvent({ type: "response.simulated.unknown", sequence_number: 0 })
}
