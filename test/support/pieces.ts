/** Answers made of pieces, each a network read of its own, for tests of what is done with a stream. */
import { Stream } from "effect"
import { type LLMError, NetworkError, StreamChunk } from "llm-connectivity"

export const origin = { provider: "test", model: "model" }

/** The chunks of an answer: texts, and parts of chunks. */
export const chunksOf = (pieces: ReadonlyArray<string | Partial<StreamChunk>>): ReadonlyArray<StreamChunk> =>
  pieces.map((piece) => StreamChunk.make(typeof piece === "string" ? { content: piece } : piece))

/** A stream of pieces that does not finish. */
export const saying = (...pieces: ReadonlyArray<string | Partial<StreamChunk>>): Stream.Stream<StreamChunk> =>
  Stream.rechunk(Stream.fromIterable(chunksOf(pieces)), 1)

/** A whole answer. */
export const answer = (...pieces: ReadonlyArray<string | Partial<StreamChunk>>): Stream.Stream<StreamChunk> =>
  saying(...pieces, { finishReason: "stop", origin })

export const cut = new NetworkError({ ...origin, reason: "Truncated", message: "the answer broke off" })

/** An answer that breaks off. */
export const broken = (...pieces: ReadonlyArray<string | Partial<StreamChunk>>): Stream.Stream<StreamChunk, LLMError> =>
  Stream.concat(saying(...pieces), Stream.fail(cut))

/** A text cut at the given places, in order. */
export const cutAt = (text: string, places: ReadonlyArray<number>): ReadonlyArray<string> => {
  const ends = [...places.map((place) => place % (text.length + 1)), text.length].sort((one, other) => one - other)
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
}
