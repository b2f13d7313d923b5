/** OpenAI's chat completions: the protocol that most vendors speak. */

import { errorRules, reportedError } from "../openAIErrors.js"
import type { Protocol } from "../Protocol.js"
import type { Differences } from "./differences.js"
import { encode } from "./request.js"
import { Event } from "./schema.js"
import { initialOf, type State, step } from "./stream.js"

/** Makes the protocol as one vendor wants it sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  endMarker: "[DONE]",
  event: Event,
  eventName: "chat completion",
  initial: initialOf(differences.provider),
  step,
  // A whole answer is one event with `message` in place of `delta`.
  eventsOfResponse: (answer) => [answer],
  reportedError,
  errorRules
})
