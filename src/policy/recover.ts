/** Takes up a stream that failed before it showed anything, so that nobody reads anything twice. */
import { Channel, Chunk, Effect, Stream } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"

type Answers = Stream.Stream<StreamChunk, LLMError>

/** What to do about a failure. */
export interface Recovery {
  /** The stream that takes its place, as long as no content, reasoning or tool call has been shown. */
  readonly early: (error: LLMError) => Effect.Effect<Answers, LLMError>
  /** What the failure becomes once something has been shown. */
  readonly late: (error: LLMError) => LLMError
}

/** Recovers a stream. Costs one channel; catching and unwrapping cost none per read, so no more are added. */
export const recover = (stream: Answers, { early, late }: Recovery): Answers =>
  unwrap(
    Effect.sync(() => {
      let hasShown = false
      return Stream.toChannel(stream).pipe(
        Channel.mapOut((chunks) => {
          if (!hasShown) hasShown = Chunk.some(chunks, hasOutput)
          return chunks
        }),
        Channel.catchAll((error) =>
          hasShown ? Channel.fail(late(error)) : Channel.unwrap(Effect.map(early(error), Stream.toChannel))
        ),
        Stream.fromChannel
      )
    })
  )

/** Unwraps without the channel per read that `Stream.unwrap` would add. */
export const unwrap = (stream: Effect.Effect<Answers, LLMError>): Answers =>
  Stream.fromChannel(Channel.unwrap(Effect.map(stream, Stream.toChannel)))
