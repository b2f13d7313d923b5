/** The public names of llm-connectivity/server. */

export type { Extra } from "../http/EventFormat.js"
export { encodeEvents } from "./encodeEvents.js"
export type { ErrorWithStatus, KnownError, OnError } from "./errorResponse.js"
export { readEvents } from "./readEvents.js"
export { type EventsOptions, type EventsOptionsWithErrors, respondWithEvents } from "./respondWithEvents.js"
export { type RunResponseOptions, respondWithRun } from "./respondWithRun.js"
export { type RunRoutesOptions, runRoutes } from "./runRoutes.js"
export { type EventResponseOptions, toEventResponse } from "./toEventResponse.js"
