/**
 * Transforms a stream one network read at a time, around its pull: a channel costs 10 to 20 µs per read, and an effect per
 * chunk several times as much.
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatStream, type Openable } from "../../domain/ChatStream.js"
import { Read } from "../../domain/Read.js"

/** The transform of one run of a stream; its state lasts as long as the run. */
export interface ChunkTransform<A, B, E = never, R = never> {
  /** Transforms the elements of one read. */
  readonly push: (elements: ReadonlyArray<A>) => ReadonlyArray<B>
  /** Gives the elements that are still buffered, at the end of the stream or before its failure. */
  readonly end?: () => ReadonlyArray<B>
  /** Gives the last elements of a stream that has not failed. */
  readonly complete?: Effect.Effect<ReadonlyArray<B>, E, R>
}

/** Transforms each run of a stream. The stream's failure passes through, after the buffered elements. */
export const transformChunks =
  <A, B>(makeTransform: () => ChunkTransform<A, B>) =>
  <E, R>(stream: Stream.Stream<A, E, R>): Openable<B, E, R> =>
    ChatStream.make(Effect.map(ChatStream.open(stream), (pull) => transformPull(pull, makeTransform())))

/** Transforms the reads of a pull. */
export const transformPull = <A, B, E, R>(
  pull: Read<A, E, R>,
  { push, end = () => [], complete }: ChunkTransform<A, B, E, R>
): Read<B, E, R> => {
  type Reading = Read<B, E, R>
  let ended: Reading | undefined
  const finish = (ending: Reading): Reading => {
    ended = ending
    const buffered = end()
    return buffered.length === 0 ? ending : Effect.succeed(buffered)
  }
  const over: Reading = Effect.succeed([])
  const completing: Reading =
    complete === undefined
      ? over
      : Effect.tap(complete, () => {
          ended = over
        })
  const next = Read.map<A, B, E, R>(pull, {
    onElements: (elements) => {
      if (elements.length === 0) return finish(completing)
      const transformed = push(elements)
      // An empty array would end the pull, so a read of which everything is held back is followed by the next.
      return transformed.length === 0 ? undefined : transformed
    },
    onFailure: (cause) => finish(Effect.failCause(cause))
  })
  return Read.suspend(() => ended ?? next)
}
