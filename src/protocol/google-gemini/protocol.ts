/** Google's Gemini: the protocol of its developer API and, with other addresses and keys, of Vertex. */
import type { Protocol } from "../Protocol.js"
import { errorRules, reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialOf, type State, step } from "./stream.js"

/** Makes the protocol as one provider wants it sent; reading is the same for all. There is no end marker. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  event: Event,
  eventName: "Gemini",
  initial: initialOf(differences.provider),
  step,
  // A whole answer is one event; what is streamed without `alt=sse` is a list of them.
  eventsOfResponse: (answer) => (Array.isArray(answer) ? answer : [answer]),
  reportedError,
  errorRules
})
