/** Anthropic's messages: https://platform.claude.com/docs/en/api/messages */
import { isObject } from "../../http/Json.js"
import type { Protocol } from "../Protocol.js"
import { errorRules, reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialOf, type State, step } from "./stream.js"

/** Makes the protocol as one vendor wants it sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  event: Event,
  eventName: "message",
  initial: initialOf(differences.provider),
  step,
  eventsOfAnswer,
  reportedError,
  errorRules
})

/** The events of its blocks, and then the answer itself in the place of `message_delta`, to be the last raw chunk. */
const eventsOfAnswer = (answer: unknown): ReadonlyArray<unknown> => {
  const content = isObject(answer) ? answer["content"] : undefined
  if (!Array.isArray(content)) return []
  return [...content.flatMap(eventsOfBlock), { type: "message", message: answer }]
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
        // Gateways to other models sign nothing.
        delta("signature_delta", "signature", block["signature"] ?? null),
        stop
      ]
    default:
      return [start, stop]
  }
}
