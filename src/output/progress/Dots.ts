/** Shows progress as one dot per chunk. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import type { Writable } from "../Writable.js"

/** The options of `dots`. */
export interface DotsOptions {
  /** The text before the dots; `Generating response` by default. */
  readonly label?: string | undefined
  /** The destination; `process.stderr` by default, so that the standard output has only the response. */
  readonly to?: Writable | undefined
}

/** Writes a label, a dot for each chunk with content, and a line end when the stream ends, fails or is interrupted. */
export const dots =
  ({ label = "Generating response", to = globalThis.process.stderr }: DotsOptions = {}) =>
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>): Stream.Stream<StreamChunk, E, R> =>
    Stream.unwrapScoped(
      Effect.acquireRelease(
        Effect.sync(() => to.write(label)),
        () => Effect.sync(() => to.write("\n"))
      ).pipe(
        Effect.as(
          Stream.mapChunks(stream, (chunks) => {
            let written = ""
            for (const { content } of chunks) if (content !== "") written += "."
            if (written !== "") to.write(written)
            return chunks
          })
        )
      )
    )
