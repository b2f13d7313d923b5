/** The events of one answer, from bytes to chunks and the way it ended; without Effect, as a browser loads it too. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { parseJson } from "../http/Json.js"
import { ServerSentEventSplitter } from "../http/ServerSentEvents.js"

/** How an answer ended: complete, with a failure that the server told, not readable, or without an end marker. */
export type AnswerEnd =
  | { readonly type: "done" }
  | { readonly type: "failure"; readonly json: unknown }
  | { readonly type: "malformed"; readonly what: string }
  | { readonly type: "cut"; readonly cause: unknown }

/** Reads one answer, a network read at a time. */
export class AnswerEvents {
  /** How it ended; `undefined` until it has. */
  end: AnswerEnd | undefined
  /** How many chunks there were. */
  count = 0
  private readonly splitter = new ServerSentEventSplitter()

  /** A decoder gives `undefined` for what is no chunk. */
  constructor(private readonly decode: (json: unknown) => StreamChunk | undefined = Format.decodeChunk) {}

  /** Takes the bytes of one network read and gives the chunks that they complete. */
  push(bytes: Uint8Array): ReadonlyArray<StreamChunk> {
    const chunks: Array<StreamChunk> = []
    for (const { event, data } of this.splitter.push(bytes)) {
      if (this.end !== undefined) break
      if (event === Format.doneEvent) this.end = { type: "done" }
      else if (event === Format.errorEvent) this.end = { type: "failure", json: parseJson(data) }
      // Events of other names are for a later version of this reader.
      else if (event === undefined || event === "message") this.take(data, chunks)
    }
    if (this.splitter.tooLarge) this.end ??= { type: "malformed", what: "an event is too large" }
    this.count += chunks.length
    return chunks
  }

  /** Takes the end of the body, or what broke it: a last event without its blank line does not count. */
  cut(cause?: unknown): ReadonlyArray<StreamChunk> {
    this.end ??= { type: "cut", cause }
    return []
  }

  private take(data: string, chunks: Array<StreamChunk>): void {
    const chunk = this.decode(parseJson(data))
    if (chunk === undefined) this.end = { type: "malformed", what: "an event is no chunk of an answer" }
    else chunks.push(chunk)
  }
}
