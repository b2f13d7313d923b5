/** The public names of llm-connectivity/progress. */
export { type DotsOptions, dots } from "./Dots.js"
export { type StatusOptions, status } from "./Status.js"
export type { Terminal } from "./Terminal.js"
