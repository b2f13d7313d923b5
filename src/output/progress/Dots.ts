/** Shows progress as one dot per chunk. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatStream } from "../../domain/ChatStream.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { transformPull } from "../../provider/engine/transformChunks.js"
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
    ChatStream.make(
      Effect.gen(function* () {
        yield* Effect.acquireRelease(
          Effect.sync(() => to.write(label)),
          () => Effect.sync(() => to.write("\n"))
        )
        return transformPull<StreamChunk, StreamChunk, E, R>(yield* ChatStream.open(stream), {
          push: (chunks) => {
            const dots = ".".repeat(chunks.filter(({ content }) => content !== "").length)
            if (dots !== "") to.write(dots)
            return chunks
          }
        })
      })
    )
