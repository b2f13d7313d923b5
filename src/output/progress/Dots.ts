/** Shows by a dot for each piece that an answer is on its way. */
import { Effect, Stream } from "effect"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import type { Writable } from "../Print.js"

/** How dots are shown. */
export interface DotsOptions {
  /** What stands before the dots; `Generating response` by default. */
  readonly label?: string | undefined
  /** Where they go; `process.stderr` by default, so that the standard output is the answer's. */
  readonly to?: Writable | undefined
}

/** Writes a label, a dot for each chunk that has content, and a line end when the stream ends, however it does. */
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
