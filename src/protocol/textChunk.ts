/** The chunk of an event that only continues the open part, which nearly all events do. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"

/** Makes a chunk of text or reasoning; of `""` and `""`, one without output. */
export const textChunk = (
  rawChunk: unknown,
  content: string,
  reasoning: string,
  usage: Usage | null = null
): StreamChunk =>
  // A copy, because V8 would allocate a literal in the old generation once chunks of many short responses have survived.
  ({ ...silent, content, reasoning, usage, rawChunk })

/** The calls of every chunk without any. */
export const noCalls: StreamChunk["toolCalls"] = []

const silent = { content: "", reasoning: "", toolCalls: noCalls, finishReason: null, usage: null, rawChunk: null }
