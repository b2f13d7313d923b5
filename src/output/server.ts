/** The public names of llm-connectivity/server. */
export { type EventsOptions, respondWithEvents } from "./ServerSentEvents.js"
export type { Extra } from "./ServerSentEventsFormat.js"
export { readEvents } from "./ServerSentEventsStream.js"
