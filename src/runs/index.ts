/** The public names of llm-connectivity/runs. */
export { StateUnavailable } from "../policy/StateUnavailable.js"
export type { MemoryStoreOptions } from "./memoryStore.js"
export {
  beginning,
  formatInside,
  formatPosition,
  isAfter,
  type Position,
  parsePosition,
  type ReadPosition
} from "./Position.js"
export type { RunChunk, RunEvent, RunStream } from "./RunChunk.js"
export type { RunEndType } from "./RunEnd.js"
export { RunError, type RunErrorReason } from "./RunError.js"
export type { RunItem } from "./RunItem.js"
export type { RunStatus } from "./RunStatus.js"
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
export { Runs } from "./Runs.js"
export type { RunsOptions } from "./RunsOptions.js"
export type {
  ListOptions,
  OwnerOptions,
  ReadRunOptions,
  RunsService,
  StartedRun,
  StartOptions
} from "./RunsService.js"
export { Signals } from "./Signals.js"
