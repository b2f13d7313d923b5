/** Reads a stream as the engine does, without the network. */

import { ChatFold, type ChatResponse } from "../../src/domain/ChatResponse.js"
import type { LLMError } from "../../src/domain/LLMError.js"
import type { StreamChunk } from "../../src/domain/StreamChunk.js"
import type { Protocol } from "../../src/protocol/Protocol.js"
import { decoders } from "../../src/provider/engine/ResponseDecoder.js"

export interface Reading {
  readonly chunks: ReadonlyArray<StreamChunk>
  readonly error: LLMError | undefined
  readonly response: ChatResponse | undefined
  /** What had arrived, whether or not it is whole. */
  readonly partial: ReturnType<ChatFold["partial"]>
}

/** The exchange of all readings. */
export const exchange = { provider: "test", model: "model", status: 200, headers: {}, secrets: [], sentTexts: () => [] }

export const bounds = { maxEventSize: 8 * 1024 * 1024, maxResponseBytes: 1024 ** 3 }

/** Prepares to read bodies that end cleanly after the given network reads. */
export const reading = <Event, State>(protocol: Protocol<Event, State>) => {
  const newReader = decoders(protocol, bounds)
  const encoder = new TextEncoder()
  return (reads: ReadonlyArray<Uint8Array | string>): Reading => {
    const reader = newReader(exchange)
    const bytes = reads.map((each) => (typeof each === "string" ? encoder.encode(each) : each))
    const chunks = [...bytes.flatMap((each) => [...reader.push(each)]), ...reader.end()]
    const fold = new ChatFold()
    for (const chunk of chunks) fold.add(chunk)
    const error = reader.outcome === "complete" ? undefined : reader.outcome
    return { chunks, error, response: fold.response(), partial: fold.partial() }
  }
}

/** Reads one such body. */
export const read = <Event, State>(
  protocol: Protocol<Event, State>,
  reads: ReadonlyArray<Uint8Array | string>
): Reading => reading(protocol)(reads)

/** Before, inside and after each line end of bytes with CRLF: where a read can end that LF has no counterpart for. */
export const aroundLineEnds = (bytes: Uint8Array): ReadonlyArray<number> =>
  Array.from(bytes.keys())
    .filter((at) => bytes[at] === 0x0a)
    .flatMap((at) => [at - 1, at, at + 1])
