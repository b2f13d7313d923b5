/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */
import { isObject, type JsonObject } from "../../http/Json.js"
import type { Protocol } from "../Protocol.js"
import { reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialState, type State, step } from "./stream.js"
import { continueText } from "./text.js"
import { toolNames } from "./toolNames.js"

/** Makes the protocol for one vendor. Vendors differ in what is sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  toolNames,
  typesEvents: true,
  event: Event,
  eventName: "message",
  reshape,
  responseId: ({ message, id }) => (isObject(message) ? message["id"] : id),
  initial: () => initialState(differences.provider),
  step,
  continueText,
  eventsOfResponse,
  reportedError
})

/** The events of each block, then the response in place of `message_delta`, so that it is the last raw chunk. */
const eventsOfResponse = (response: unknown): ReadonlyArray<unknown> => {
  if (!isObject(response)) return []
  const content = contentOf(response)
  if (!Array.isArray(content)) return []
  return [...content.flatMap(eventsOfBlock), { type: "message", message: response }]
}

/** Some gateways write the content as a text, or `null` for none. */
const contentOf = ({ content, stop_reason }: JsonObject): unknown => {
  if (typeof content === "string") return [{ type: "text", text: content }]
  return content == null && typeof stop_reason === "string" ? [] : content
}

/** Some gateways write arguments as an object. */
const reshape = (json: unknown): unknown => {
  const delta = isObject(json) ? json["delta"] : undefined
  const args = isObject(delta) ? delta["partial_json"] : undefined
  return isObject(json) && isObject(delta) && isObject(args) && Object.keys(args).length > 0
    ? { ...json, delta: { ...delta, partial_json: JSON.stringify(args) } }
    : json
}

const eventsOfBlock = (block: unknown, index: number): ReadonlyArray<unknown> => {
  const start = { type: "content_block_start", index, content_block: block }
  const stop = { type: "content_block_stop", index }
  const delta = (type: string, field: string, value: unknown) => ({
    type: "content_block_delta",
    index,
    delta: { type, [field]: value }
  })
  if (!isObject(block)) return [start]
  switch (block["type"]) {
    case "text":
      return [{ ...start, content_block: { ...block, text: "" } }, delta("text_delta", "text", block["text"]), stop]
    case "thinking":
      return [
        { ...start, content_block: { ...block, thinking: "", signature: "" } },
        delta("thinking_delta", "thinking", block["thinking"]),
        // Gateways to other models send no signature.
        delta("signature_delta", "signature", block["signature"] ?? null),
        stop
      ]
    default:
      return [start, stop]
  }
}
