/** The public names of llm-connectivity/server. */

export type { Extra } from "../http/EventFormat.js"
export { readEvents } from "./readEvents.js"
export { type EventsOptions, respondWithEvents } from "./respondWithEvents.js"
