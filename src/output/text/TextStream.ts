/**
 * An answer as a stream of text, in pieces, lines or sentences. When the answer fails, the text that had been held back,
 * such as a line that has begun, comes before the failure; each view takes linear time.
 *
 * ```ts
 * LLMClient.chatStream(request).pipe(TextStream.sentences(), Stream.runForEach(speak))
 * ```
 */
import type { Stream } from "effect"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { type ChunkTransform, transformChunks } from "../../provider/transformChunks.js"
import { Lines } from "./Lines.js"
import { Sentences } from "./splitters.js"

/** What has text: the content of chunks, or pieces of text such as `TextStream.reasoning` gives. */
export type Textual = StreamChunk | string

/** Gives the text of an answer in the pieces in which it arrives, none of them empty. */
export const content: <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<string, E, R> = transformChunks(
  () => ({ push: piecesOf })
)

/** Gives the reasoning of an answer in the pieces in which it arrives, none of them empty. */
export const reasoning: <E, R>(stream: Stream.Stream<StreamChunk, E, R>) => Stream.Stream<string, E, R> =
  transformChunks(() => ({
    push: (chunks) => Array.from(chunks, (chunk) => chunk.reasoning).filter((piece) => piece !== "")
  }))

/** Gives the whole text so far each time that it has grown, to show it anew. */
export const running: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R> = transformChunks(
  () => {
    let text = ""
    return {
      push: (elements) =>
        piecesOf(elements).map((piece) => {
          text += piece
          return text
        })
    }
  }
)

/** Gives the lines of an answer without the LF or CRLF that ends them. The last one comes at the end of the answer. */
export const lines: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R> = transformChunks(() =>
  splitting(new Lines())
)

/** How sentences are told apart. */
export interface SentenceOptions {
  /** The language as BCP 47 names it; `"en"` by default, whose rules also tell the sentences of most others apart. */
  readonly locale?: Intl.LocalesArgument
}

/**
 * Gives the sentences of an answer, each with the blanks and line ends after it, so that together they are the text; a
 * line end ends a sentence too. They are those of `Intl.Segmenter`, which knows decimals ("3.50") and "e.g. this", but
 * takes "Dr. Who" for two. A sentence is given as soon as nothing to come can lengthen it, the last one at the end of the
 * answer. A `locale` that is none is a `RangeError`, at once.
 */
export const sentences = (
  options: SentenceOptions = {}
): (<E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<string, E, R>) => {
  const segmenter = new Intl.Segmenter(options.locale ?? "en", { granularity: "sentence" })
  return transformChunks(() => splitting(new Sentences(segmenter)))
}

/**
 * Gives the text of an answer in UTF-8, for the body of a response: `new Response(toReadableStream(TextStream.bytes(…)))`.
 * A character that comes in two halves is put together.
 */
export const bytes: <E, R>(stream: Stream.Stream<Textual, E, R>) => Stream.Stream<Uint8Array, E, R> = transformChunks(
  () => {
    const encoder = new TextEncoder()
    let half = ""
    return {
      push: (elements) => {
        const text = half + piecesOf(elements).join("")
        half = /[\uD800-\uDBFF]$/.exec(text)?.[0] ?? ""
        const whole = text.slice(0, text.length - half.length)
        return whole === "" ? [] : [encoder.encode(whole)]
      },
      end: () => (half === "" ? [] : [encoder.encode(half)])
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

const splitting = (splitter: Splitter): ChunkTransform<Textual, string> => ({
  push: (elements) => piecesOf(elements).flatMap((piece) => splitter.push(piece)),
  end: () => splitter.end()
})
