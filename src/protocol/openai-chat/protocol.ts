/** OpenAI's chat completions, the protocol of most vendors. */
import { coerce } from "../coerce.js"
import { reportedError } from "../openAIErrors.js"
import type { Protocol } from "../Protocol.js"
import { reshape } from "./oddFields.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialState, type State, step } from "./stream.js"
import { continueText } from "./text.js"

/** Makes the protocol for one vendor. Vendors differ in what is sent; reading is the same for all. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  event: Event,
  eventName: "chat completion",
  reshape: (json) => coerce(Event, reshape(json)),
  responseId: ({ id }) => id,
  initial: () => initialState(differences.provider),
  step,
  continueText,
  // A non-streaming response is one event with `message` in place of `delta`.
  eventsOfResponse: (response) => [response].flat().slice(0, 1),
  reportedError
})
