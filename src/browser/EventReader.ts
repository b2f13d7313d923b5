/** Reads the events of one response: from bytes to chunks, and how the response ended. No Effect: browsers load it. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/framing/EventFormat.js"
import { serverSentEvents } from "../http/framing/ServerSentEvents.js"
import { parseJson } from "../http/Json.js"
import { defaultSizeLimits } from "../http/SizeLimits.js"

/** How a response ended: complete, with an error event, with an invalid event, or without an end marker. */
export type ResponseEnd =
  | { readonly type: "done" }
  | { readonly type: "failure"; readonly json: unknown }
  | { readonly type: "malformed"; readonly problem: string }
  | { readonly type: "truncated"; readonly cause: unknown }

/** Reads one response, one network read at a time. A mutable class, because it runs for every read. */
export class EventReader {
  /** How the response ended; `undefined` until then. */
  end: ResponseEnd | undefined
  /** The number of chunks so far. */
  count = 0
  /** The id of the last chunk, if the server sends ids. */
  position: string | undefined
  private readonly frames = serverSentEvents(defaultSizeLimits.maxEventSize)

  /** The decoder gives `undefined` for JSON that is not a chunk. */
  constructor(private readonly decode: (json: unknown) => StreamChunk | undefined = Format.decodeChunk) {}

  /** Takes the bytes of one network read and gives the chunks that they complete. */
  push(bytes: Uint8Array): ReadonlyArray<StreamChunk> {
    const chunks: Array<StreamChunk> = []
    for (const { event, data, id } of this.frames.push(bytes)) {
      if (this.end !== undefined) break
      if (event === Format.doneEvent) this.end = { type: "done" }
      else if (event === Format.errorEvent) this.end = { type: "failure", json: parseJson(data) }
      // Events with other names are ignored, so that newer servers can add some.
      else if (event === undefined || event === "message") this.readChunk(data, id, chunks)
    }
    if (this.frames.failure !== undefined) this.end ??= { type: "malformed", problem: "an event is too large" }
    this.count += chunks.length
    return chunks
  }

  /** Takes the end of the body, or the failure that ended it. A last event without its blank line is ignored. */
  disconnected(cause?: unknown): ReadonlyArray<StreamChunk> {
    this.end ??= { type: "truncated", cause }
    return []
  }

  private readChunk(data: string, id: string | undefined, chunks: Array<StreamChunk>): void {
    const chunk = this.decode(parseJson(data))
    this.position = id ?? this.position
    if (chunk === undefined) this.end = { type: "malformed", problem: "an event is not a valid chunk" }
    else chunks.push(chunk)
  }
}
