/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */
import { isObject } from "../../http/Json.js"
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
  event: Event,
  eventName: "message",
  responseId: ({ message, id }) => (isObject(message) ? message["id"] : id),
  initial: () => initialState(differences.provider),
  step,
  continueText,
  eventsOfResponse,
  reportedError
})

/** The events of each block, then the response in place of `message_delta`, so that it is the last raw chunk. */
const eventsOfResponse = (response: unknown): ReadonlyArray<unknown> => {
  const content = isObject(response) ? response["content"] : undefined
  if (!Array.isArray(content)) return []
  return [...content.flatMap(eventsOfBlock), { type: "message", message: response }]
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
