/** Splits a body into the lines of JSONL, whatever its network reads are. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Utf8Decoder } from "../http/Utf8.js"

/** The longest line in UTF-16 code units; a response has at most as many characters. */
export const maxLineLength = 64 * 1024 * 1024

/** The lines of a body, without the empty ones. A longer line fails with `tooLong`. */
export const lines = <E>(reads: Stream.Stream<Uint8Array, E>, tooLong: () => E): Stream.Stream<string, E> =>
  Stream.suspend(() => {
    const decoder = new Utf8Decoder()
    // Pieces of the line that is not complete; joining them once keeps the time linear.
    let pieces: Array<string> = []
    let length = 0
    const push = (text: string): ReadonlyArray<string> => {
      const [first = "", ...others] = text.split("\n")
      pieces.push(first)
      length += first.length
      const last = others.pop()
      if (last === undefined) return []
      const complete = [pieces.join(""), ...others]
      pieces = [last]
      length = last.length
      return complete
    }
    const checked = (found: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>, E> =>
      length > maxLineLength ? Effect.fail(tooLong()) : Effect.succeed(found)
    return reads.pipe(
      Stream.mapEffect((bytes) => Effect.suspend(() => checked(push(decoder.push(bytes))))),
      Stream.concat(Stream.sync(() => [...push(decoder.end()), pieces.join("")])),
      Stream.flattenIterables,
      Stream.filter((line) => line.trim() !== "")
    )
  })
