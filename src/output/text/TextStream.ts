/**
 * Converts a stream of chunks to a stream of text: pieces, lines or sentences. When the stream fails, buffered text, such as
 * an unfinished line, comes before the failure. Each conversion takes linear time.
 *
 * ```ts
 * LLMClient.chatStream(request).pipe(TextStream.sentences(), Stream.runForEach(speak))
 * ```
 */
import type * as Stream from "effect/Stream"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { type ChunkTransform, transformChunks } from "../../provider/engine/transformChunks.js"
import { LineSplitter, SentenceSplitter } from "./splitters.js"

/** A chunk, whose content is the text, or a piece of text, such as those of `TextStream.reasoning`. */
export type Textual = StreamChunk | string

/** Gives the content in the pieces in which it arrives, without empty ones. */
export const content: <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<string, E, R> = transformChunks(
  () => ({ push: piecesOf })
)

/** Gives the reasoning in the pieces in which it arrives, without empty ones. */
export const reasoning: <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<string, E, R> =
  transformChunks(() => ({
    push: (chunks) => Array.from(chunks, (chunk) => chunk.reasoning).filter((piece) => piece !== "")
  }))

/**
 * Gives the complete text so far each time it has grown, for a display that redraws. It is the only conversion that can
 * drop the text of an answer that starts again (`chunk.reset`).
 */
export const running: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R> = transformChunks(
  () => {
    let text = ""
    return {
      push: (elements) =>
        Array.from(elements).flatMap((element) => {
          if (typeof element !== "string" && element.reset === true) text = ""
          return piecesOf([element]).map((piece) => {
            text += piece
            return text
          })
        })
    }
  }
)

/** Gives the lines of the text, without their LF or CRLF. The last one comes at the end of the stream. */
export const lines: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R> = transformChunks(() =>
  splitBy(new LineSplitter())
)

/** The options of `sentences`. */
export interface SentenceOptions {
  /** A BCP 47 language tag; `"en"` by default, whose rules also fit most other languages. */
  readonly locale?: Intl.LocalesArgument
}

/**
 * Gives the sentences of the text, each with the white space and line ends after it, so that together they are the text. A
 * line end also ends a sentence. `Intl.Segmenter` finds the sentences: it keeps decimals ("3.50") and "e.g. this" together,
 * but splits "Dr. Who". A sentence is given as soon as no further text can lengthen it, the last one at the end of the
 * stream. An invalid `locale` throws a `RangeError` at once.
 */
export const sentences = (
  options: SentenceOptions = {}
): (<E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R>) => {
  const segmenter = new Intl.Segmenter(options.locale ?? "en", { granularity: "sentence" })
  return transformChunks(() => splitBy(new SentenceSplitter(segmenter)))
}

/**
 * Encodes the text in UTF-8, for the body of an HTTP response: `new Response(toReadableStream(TextStream.bytes(…)))`. Joins
 * surrogate pairs that are split between two pieces.
 */
export const bytes: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<Uint8Array, E, R> = transformChunks(
  () => {
    const encoder = new TextEncoder()
    let highSurrogate = ""
    return {
      push: (elements) => {
        const text = highSurrogate + piecesOf(elements).join("")
        highSurrogate = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? ""
        const complete = text.slice(0, text.length - highSurrogate.length)
        return complete === "" ? [] : [encoder.encode(complete)]
      },
      end: () => (highSurrogate === "" ? [] : [encoder.encode(highSurrogate)])
    }
  }
)

const piecesOf = (elements: Iterable<Textual>): ReadonlyArray<string> =>
  Array.from(elements, (element) => (typeof element === "string" ? element : element.content)).filter(
    (piece) => piece !== ""
  )

interface Splitter {
  readonly push: (piece: string) => ReadonlyArray<string>
  readonly end: () => ReadonlyArray<string>
}

const splitBy = (splitter: Splitter): ChunkTransform<Textual, string> => ({
  push: (elements) => piecesOf(elements).flatMap((piece) => splitter.push(piece)),
  end: () => splitter.end()
})
