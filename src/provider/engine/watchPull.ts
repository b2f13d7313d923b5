/** Lets policies and observers see the reads of a response. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Pull } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import { type Polled, Read } from "../../domain/Read.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"

/** Sees the reads of one response. */
export interface Watcher {
  /**
   * Gets the chunks of each read; an empty array is the end. It gives what the caller gets instead, or an effect that
   * gives it, for which the caller waits.
   */
  readonly onChunks: (chunks: ReadonlyArray<StreamChunk>) => Polled<StreamChunk, LLMError>
  /** Gets the failure that ends the response, and gives another one, or what is read instead. */
  readonly onFailure: (error: LLMError) => Pull
}

/** Runs an effect once, before the caller gets the first chunk that fits. */
export const beforeFirst = (
  fits: (chunk: StreamChunk) => boolean,
  effect: Effect.Effect<void>
): Watcher["onChunks"] => {
  let isAwaited = true
  return (chunks) => {
    if (!isAwaited || !chunks.some(fits)) return chunks
    isAwaited = false
    return Effect.as(effect, chunks)
  }
}

/** Watches a pull. It remains a function call where the watcher gives chunks. */
export const watchPull = (pull: Pull, { onChunks, onFailure }: Watcher): Pull =>
  Read.map(pull, {
    onElements: onChunks,
    onFailure: (cause) => Either.match(Cause.failureOrCause(cause), { onLeft: onFailure, onRight: Effect.failCause })
  })
