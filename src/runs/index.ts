/** The public names of llm-connectivity/runs. */

export {
  beginning,
  formatInside,
  formatPosition,
  isAfter,
  type Position,
  parsePosition,
  type ReadPosition
} from "./Position.js"
export { RunStore } from "./RunStore.js"
export type {
  NewRun,
  RunPage,
  RunRecord,
  RunStoreService,
  RunTopic,
  RunWrite,
  RunWritten,
  StoredEntry
} from "./RunStoreService.js"
export { Signals } from "./Signals.js"
