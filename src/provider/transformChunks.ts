/**
 * Rewrites a stream a network read at a time, in one channel. Each channel around a stream costs 10 to 20 µs a read, and
 * an effect for each chunk several times as much.
 */
import { Channel, Chunk, Stream } from "effect"

/** What is done to one run of a stream; it is made new for each. */
export interface ChunkTransform<A, B> {
  /** Takes what one read brought. */
  readonly push: (elements: Iterable<A>) => ReadonlyArray<B>
  /** Gives what was held back, at the end of the stream or before its failure, so that nothing is lost. */
  readonly end?: () => ReadonlyArray<B>
}

/** Rewrites each run of a stream. Its failure passes through, after what was held back. */
export const transformChunks =
  <A, B>(begin: () => ChunkTransform<A, B>) =>
  <E, R>(stream: Stream.Stream<A, E, R>): Stream.Stream<B, E, R> =>
    Stream.suspend(() => {
      const { push, end = () => [] } = begin()
      const loop: Channel.Channel<Chunk.Chunk<B>, Chunk.Chunk<A>, E, E, unknown, unknown> = Channel.readWithCause({
        onInput: (elements: Chunk.Chunk<A>) => Channel.flatMap(writeAll(push(elements)), () => loop),
        onFailure: (cause) => Channel.zipRight(writeAll(end()), Channel.failCause(cause)),
        onDone: () => writeAll(end())
      })
      return Stream.fromChannel(Channel.pipeTo(Stream.toChannel(stream), loop))
    })

/** Writes elements at once, if there are any. */
export const writeAll = <B>(elements: ReadonlyArray<B>): Channel.Channel<Chunk.Chunk<B>> =>
  elements.length === 0 ? Channel.void : Channel.write(Chunk.unsafeFromArray(elements))
