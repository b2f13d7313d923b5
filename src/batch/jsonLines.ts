/** Splits the network reads of a body into lines of JSONL. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Utf8Decoder } from "../http/framing/Utf8.js"

/** The longest line, in UTF-16 code units. */
export const maxLineLength = 64 * 1024 * 1024

/** The lines of a body, also the empty ones. A longer line fails with `tooLong`. */
export const lines = <E>(reads: Stream.Stream<Uint8Array, E>, tooLong: () => E): Stream.Stream<string, E> =>
  Stream.suspend(() => {
    const decoder = new Utf8Decoder()
    // Pieces of the incomplete line. They are joined once, because appending each would take quadratic time.
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
      Stream.flattenIterables
    )
  })
