/** OpenAI's Responses: the protocol of its newer models, which LM Studio, vLLM, OpenRouter and xAI speak too. */
import { isObject } from "../../http/Json.js"
import type { Protocol } from "../Protocol.js"
import { errorRules, reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialOf, type State, step } from "./stream.js"

/** Makes the protocol as one vendor wants it sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  // OpenAI sends none, but proxies that come from chat completions do.
  endMarker: "[DONE]",
  event: Event,
  eventName: "response",
  initial: initialOf(differences.provider),
  step,
  eventsOfResponse,
  reportedError,
  errorRules
})

/** A whole answer is the start, each item done, and last the answer itself, so that it is the raw response. */
const eventsOfResponse = (answer: unknown): ReadonlyArray<unknown> => {
  if (!isObject(answer)) return []
  const { output, status } = answer
  if (!Array.isArray(output)) return []
  // Prepared for in the background, it is only the promise of an answer.
  if (output.length === 0 && (status === "queued" || status === "in_progress")) return []
  const items = output.map((item: unknown, output_index) => ({
    type: "response.output_item.done",
    output_index,
    item
  }))
  return [{ type: "response.created", response: answer }, ...items, answer]
}
