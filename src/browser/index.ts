/** The public names of llm-connectivity/browser. No run-time import of Effect. */
export type { Source, SourceRange } from "../domain/Source.js"
export type { FinishReason, Origin, StreamChunk, ToolCallDelta } from "../domain/StreamChunk.js"
export type { Usage } from "../domain/Usage.js"
export {
  ChatStreamError,
  type ChatStreamFailure,
  type ChatStreamReason,
  type ChatStreamTag
} from "./ChatStreamError.js"
export { fetchChunks, type ReadOptions, readChunks } from "./fetchChunks.js"
export { newRunId, type RunInit, readRun, startRun, stopRun } from "./fetchRun.js"
