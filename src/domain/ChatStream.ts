/**
 * Response streams that can be read without channels. A channel between socket and consumer costs 10 to
 * 20 µs per network read, an effect around a pull less than one. So policies and observers wrap the pull, and a stream
 * adds one channel around all of them.
 */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { LLMError } from "./LLMError.js"
import { Read, type Wait } from "./Read.js"
import type { StreamChunk } from "./StreamChunk.js"

/** Reads the next chunks of a response; an empty array means its end. */
export type Pull<E = LLMError, R = never> = Read<StreamChunk, E, R>

/** Opens a response: sends the request and gives the pull of its chunks. Closing the scope closes the socket. */
export type Opening<E = LLMError, R = never> = Effect.Effect<Pull<E, R>, E, R | Scope.Scope>

/** A stream of chunks that also exposes its pull. Operators of `Stream` return plain streams. */
export interface ChatStream<E = LLMError, R = never> extends Stream.Stream<StreamChunk, E, R> {
  /** Sends the request and gives the pull of its response. Closing the scope closes the socket. */
  readonly open: Opening<E, R>
}

/** A stream of anything that also exposes its pull, such as a `ChatStream`. */
export interface Openable<A, E, R> extends Stream.Stream<A, E, R> {
  /** Begins to read, and gives the pull. Closing the scope ends the reading. */
  readonly open: Effect.Effect<Read<A, E, R>, E, R | Scope.Scope>
}

const isOpenable = <A, E, R>(stream: Stream.Stream<A, E, R>): stream is Openable<A, E, R> => "open" in stream

/** Makes a stream from an opening; each run opens a new response. */
const make = <E, R, A = StreamChunk>(open: Effect.Effect<Read<A, E, R>, E, R | Scope.Scope>): Openable<A, E, R> => {
  const stream = Stream.fromChannel(
    // Not `Channel.acquireUseRelease`, which takes 13 steps more: a scope that is still empty needs no release.
    Channel.flatMap(Channel.fromEffect(Scope.make()), (scope) =>
      Channel.unwrap(Effect.map(Effect.provideService(open, Scope.Scope, scope), channelOf)).pipe(
        Channel.ensuringWith((exit) => Scope.close(scope, Exit.asVoid(exit)))
      )
    )
  )
  // A pull never needs the scope, which only `open` does; TypeScript cannot exclude it from an unknown R.
  return Object.assign(stream, { open }) as Openable<A, E, R>
}

/** Opens any stream: by its own pull where it has one, through its channels otherwise. */
const open = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Read<A, E, R>, E, R | Scope.Scope> =>
  isOpenable(stream) ? stream.open : openChannel(stream)

const openChannel = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Read<A, E, R>, E, R | Scope.Scope> =>
  Effect.map(Stream.toPull(stream), (pull) => {
    const next: Read<A, E, R> = Effect.matchEffect(pull, {
      // `Stream.filter` leaves empty chunks, which are not the end.
      onSuccess: (elements) => (Chunk.isEmpty(elements) ? next : Effect.succeed(Chunk.toReadonlyArray(elements))),
      onFailure: Option.match({ onNone: () => Effect.succeed([]), onSome: (error) => Effect.fail(error) })
    })
    return next
  })

/**
 * Runs a function for the elements of each network read, without channels where the stream has a pull. The next read waits
 * for what the function returns, if it returns anything.
 */
const runForEachRead = <A, E, R>(
  stream: Stream.Stream<A, E, R>,
  onRead: (elements: ReadonlyArray<A>) => Wait<E, R> | undefined
): Effect.Effect<void, E, R> => Effect.scoped(Effect.flatMap(open(stream), (pull) => Read.forEach(pull, onRead)))

/** What makes and reads response streams. */
export interface ChatStreamOperations {
  /** Makes the stream of a response from how it is opened. */
  readonly make: typeof make
  /** Opens any stream for reading. */
  readonly open: typeof open
  /** Runs a function for the elements of each network read, and waits for what it may return. */
  readonly runForEachRead: typeof runForEachRead
}

/** Makes and reads response streams. */
export const ChatStream: ChatStreamOperations = { make, open, runForEachRead }

type ChunkChannel<A, E, R> = Channel.Channel<Chunk.Chunk<A>, unknown, E, unknown, unknown, unknown, R>

const channelOf = <A, E, R>(pull: Read<A, E, R>): ChunkChannel<A, E, R> => {
  const loop: ChunkChannel<A, E, R> = Channel.flatMap(Channel.fromEffect(pull), (chunks) =>
    chunks.length === 0 ? Channel.void : Channel.flatMap(write(chunks), () => loop)
  )
  return loop
}

// The most chunks that a stream retains while it waits for the next read.
const maxRetainedChunks = 8

/**
 * Writes chunks, the last of many in a separate write, because a channel retains its last write until the next one. With
 * 200 concurrent streams, each channel retained a read long enough to be promoted to the old generation; releasing it
 * here and in the decoder saved a third of the CPU.
 */
const write = <A>(chunks: ReadonlyArray<A>): ChunkChannel<A, never, never> =>
  chunks.length <= maxRetainedChunks
    ? Channel.write(Chunk.unsafeFromArray(chunks))
    : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(chunks.slice(0, -1))), () =>
        Channel.write(Chunk.unsafeFromArray(chunks.slice(-1)))
      )
