/** The public names of llm-connectivity/server. */

export type { Extra } from "../http/EventFormat.js"
export type { ErrorWithStatus, KnownError, OnError } from "./errorResponse.js"
export { readEvents } from "./readEvents.js"
export { type EventsOptions, type EventsOptionsWithErrors, respondWithEvents } from "./respondWithEvents.js"
