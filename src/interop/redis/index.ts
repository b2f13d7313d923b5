/** The public names of llm-connectivity/redis. */

export { MissingPeerError } from "../../domain/MissingPeerError.js"
export * as Redis from "./Redis.js"
