/** Google's Gemini: the protocol of its developer API and, with other endpoints and keys, of Vertex. */
import { isObject } from "../../http/Json.js"
import type { Protocol } from "../Protocol.js"
import { reportedError } from "./errors.js"
import { type Differences, encode } from "./request.js"
import { Event } from "./schema.js"
import { initialState, type State, step } from "./stream.js"
import { continueText } from "./text.js"
import { toolNames } from "./toolNames.js"
import { Utf8Index } from "./Utf8Index.js"

/** Makes the protocol for one provider. It has no end marker. */
export const make = (differences: Differences): Protocol<Event, State> => ({
  encode: (request, stream) => encode(request, stream, differences),
  toolNames,
  event: Event,
  eventName: "Gemini",
  reshape,
  responseId: ({ responseId }) => responseId,
  initial: () => initialState(differences.provider),
  step,
  continueText,
  textIndex: () => new Utf8Index(),
  // A non-streaming response is one event; a stream without `alt=sse` is a list of events.
  eventsOfResponse: (response) => (Array.isArray(response) ? response : [response]),
  reportedError
})

/** Some gateways write enums as their numbers: https://ai.google.dev/api/generate-content#FinishReason */
const reshape = (json: unknown): unknown => {
  const candidates = isObject(json) ? json["candidates"] : undefined
  return isObject(json) && Array.isArray(candidates) ? { ...json, candidates: candidates.map(reshapeCandidate) } : json
}

const reshapeCandidate = (candidate: unknown): unknown =>
  isObject(candidate) && typeof candidate["finishReason"] === "number"
    ? { ...candidate, finishReason: String(candidate["finishReason"]) }
    : candidate
