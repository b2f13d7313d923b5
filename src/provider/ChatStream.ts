/**
 * Answers as streams that remember how they are pulled. Each channel between socket and reader costs 10 to 20 µs per
 * read, an effect around a pull less than one; so whatever stands around an answer (retries, fallbacks, observers) wraps
 * its pull, and the one channel is put around all of them at the end.
 */
import { Channel, Chunk, Effect, Exit, Option, Scope, Stream } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/** An answer as it arrives. */
export type ChatStream = Stream.Stream<StreamChunk, LLMError>

/** The next chunks of an answer; an empty list is its end. */
export type Pull = Effect.Effect<ReadonlyArray<StreamChunk>, LLMError>

/** Begins an answer, which lasts as long as the scope. */
export type Open = Effect.Effect<Pull, LLMError, Scope.Scope>

const opens = new WeakMap<ChatStream, Open>()

/** Makes the stream of an answer that is pulled. */
export const make = (open: Open): ChatStream => {
  const stream = Stream.fromChannel(
    Channel.acquireUseRelease(
      Scope.make(),
      (scope) => Channel.unwrap(Effect.map(Scope.extend(open, scope), channelOf)),
      (scope, exit) => Scope.close(scope, Exit.asVoid(exit))
    )
  )
  opens.set(stream, open)
  return stream
}

/** Says how a stream is pulled; one that was not made here keeps its own channels. */
export const openOf = (stream: ChatStream): Open =>
  opens.get(stream) ??
  Effect.map(Stream.toPull(stream), (pull) => {
    const next: Pull = Effect.matchEffect(pull, {
      // A filter leaves chunks of none, which are no end.
      onSuccess: (chunks) => (Chunk.isEmpty(chunks) ? next : Effect.succeed(Chunk.toReadonlyArray(chunks))),
      onFailure: Option.match({ onNone: () => Effect.succeed([]), onSome: (error) => Effect.fail(error) })
    })
    return next
  })

const channelOf = (pull: Pull) => {
  const loop: Written = Channel.flatMap(Channel.fromEffect(pull), (chunks) =>
    chunks.length === 0 ? Channel.void : Channel.flatMap(write(chunks), () => loop)
  )
  return loop
}

type Written = Channel.Channel<Chunk.Chunk<StreamChunk>, unknown, LLMError>

// So many may stay alive while a stream waits for more.
const few = 8

/**
 * Writes chunks, the last one of many by itself: a channel holds what it wrote last until it writes again. With 200
 * streams at once that was a read of each, all of which lived long enough for V8 to move them to where only a
 * collection of everything frees them; letting go of them here and in the reader saved a third of the CPU.
 */
const write = (chunks: ReadonlyArray<StreamChunk>): Written =>
  chunks.length <= few
    ? Channel.write(Chunk.unsafeFromArray(chunks))
    : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks.slice(0, -1))), () =>
        Channel.write(Chunk.unsafeFromArray(chunks.slice(-1)))
      )
