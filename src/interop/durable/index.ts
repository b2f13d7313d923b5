/** The public names of llm-connectivity/durable. */

export { MissingPeerError } from "../../domain/MissingPeerError.js"
export * as Durable from "./Durable.js"
export * as DurableBatch from "./DurableBatch.js"
export { DurableError } from "./DurableError.js"
export * as DurableLoop from "./DurableLoop.js"
export { DurableToolError } from "./DurableToolError.js"
