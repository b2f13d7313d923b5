/** The public names of llm-connectivity/browser; nothing here needs Effect. */
export type { FinishReason, Origin, StreamChunk, ToolCallDelta } from "../domain/StreamChunk.js"
export type { Usage } from "../domain/Usage.js"
export { ChatStreamError, type ChatStreamFailure, type ChatStreamReason } from "./ChatStreamError.js"
export { fetchChunks, type ReadOptions, readChunks } from "./fetchChunks.js"
