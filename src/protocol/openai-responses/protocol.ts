/** OpenAI's Responses API, which LM Studio, vLLM, OpenRouter and xAI offer too. */
import { isObject } from "../../http/Json.js"
import type { Protocol } from "../Protocol.js"
import { reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { resumption } from "./resumption.js"
import { Event } from "./schema.js"
import { initialState, type State, step } from "./stream.js"
import { continueText } from "./text.js"

/** Makes the protocol for one vendor. Vendors differ in what is sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  typesEvents: true,
  event: Event,
  eventName: "response",
  responseId: ({ response }) => (isObject(response) ? response["id"] : undefined),
  resumption,
  initial: () => initialState(differences.provider),
  step,
  continueText,
  eventsOfResponse,
  reportedError
})

/** The start, each item, then the response itself, so that it is the last raw chunk. */
const eventsOfResponse = (response: unknown): ReadonlyArray<unknown> => {
  if (!isObject(response)) return []
  const { output, status } = response
  if (!Array.isArray(output)) return []
  // A background response that has not started has no content yet.
  if (output.length === 0 && (status === "queued" || status === "in_progress")) return []
  const items = output.map((item: unknown, output_index) => ({
    type: "response.output_item.done",
    output_index,
    item
  }))
  return [{ type: "response.created", response }, ...items, response]
}
