/** The public names of llm-connectivity/server. */
export { type EventsOptions, respondWithEvents } from "./respondWithEvents.js"
export type { Extra } from "../http/EventFormat.js"
export { readEvents } from "./readEvents.js"
