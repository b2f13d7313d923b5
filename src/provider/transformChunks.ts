/**
 * Transforms a stream one network read at a time, in one channel. Each channel around a stream costs 10 to 20 µs per read;
 * an effect per chunk costs several times as much.
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Stream from "effect/Stream"

/** The transform of one run of a stream; its state lasts as long as the run. */
export interface ChunkTransform<A, B> {
  /** Transforms the elements of one read. */
  readonly push: (elements: Iterable<A>) => ReadonlyArray<B>
  /** Gives the elements that are still buffered, at the end of the stream or before its failure. */
  readonly end?: () => ReadonlyArray<B>
}

/** Transforms each run of a stream. The stream's failure passes through, after the buffered elements. */
export const transformChunks =
  <A, B>(makeTransform: () => ChunkTransform<A, B>) =>
  <E, R>(stream: Stream.Stream<A, E, R>): Stream.Stream<B, E, R> =>
    Stream.suspend(() => {
      const { push, end = () => [] } = makeTransform()
      const loop: Channel.Channel<Chunk.Chunk<B>, Chunk.Chunk<A>, E, E, unknown, unknown> = Channel.readWithCause({
        onInput: (elements: Chunk.Chunk<A>) => Channel.flatMap(writeAll(push(elements)), () => loop),
        onFailure: (cause) => Channel.zipRight(writeAll(end()), Channel.failCause(cause)),
        onDone: () => writeAll(end())
      })
      return Stream.fromChannel(Channel.pipeTo(Stream.toChannel(stream), loop))
    })

/** Writes elements as one chunk, if there are any. */
export const writeAll = <B>(elements: ReadonlyArray<B>): Channel.Channel<Chunk.Chunk<B>> =>
  elements.length === 0 ? Channel.void : Channel.write(Chunk.unsafeFromArray(elements))
