/** Writes a response of this library in the events of a protocol. */
import type { StreamChunk } from "../../domain/StreamChunk.js"
import type { ServedError } from "./ServedError.js"

/** What identifies a response. */
export interface ResponseHead {
  /** Without the prefix of the protocol. */
  readonly id: string
  /** The name that the request has for the model. */
  readonly model: string
  /** Unix seconds. */
  readonly createdAt: number
}

/** Writes the events of one response. */
export interface ResponseWriter {
  /** The events of a chunk; `""` for none. */
  readonly encode: (chunk: StreamChunk) => string
  /** The events after the last chunk, the end marker included. */
  readonly end: () => string
  /** The events of a failure after the first event. No end marker follows, so that the response looks truncated. */
  readonly fail: (error: ServedError) => string
}
