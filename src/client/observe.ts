/** Watches one answer for those who want to know how it went: what it took, and the span that traces it. */
import { Channel, type Chunk, Effect, type Exit, Stream, Tracer } from "effect"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/** One who watches an answer. */
export interface Observer {
  /** The span under which the call runs, so that policies can annotate it. */
  readonly span?: Tracer.Span
  readonly onChunk: (chunk: StreamChunk) => void
  readonly onResponse: (response: ChatResponse) => void
  readonly onEnd: (exit: Exit.Exit<unknown, LLMError>) => Effect.Effect<void>
}

/** Watches a stream; nobody watching costs nothing, as each channel costs 10 µs per read. */
export const observeStream = (
  stream: Stream.Stream<StreamChunk, LLMError>,
  observers: Effect.Effect<ReadonlyArray<Observer>>
): Stream.Stream<StreamChunk, LLMError> =>
  Stream.fromChannel(
    Channel.unwrap(Effect.map(observers, (all) => (all.length === 0 ? Stream.toChannel(stream) : watched(stream, all))))
  )

const spanOf = (observers: ReadonlyArray<Observer>): Tracer.Span | undefined =>
  observers.find((observer) => observer.span !== undefined)?.span

const watched = (stream: Stream.Stream<StreamChunk, LLMError>, observers: ReadonlyArray<Observer>) => {
  const span = spanOf(observers)
  const spanned = span === undefined ? stream : Stream.provideService(stream, Tracer.ParentSpan, span)
  return Stream.toChannel(spanned).pipe(
    Channel.mapOut((chunks: Chunk.Chunk<StreamChunk>) => {
      for (const chunk of chunks) for (const observer of observers) observer.onChunk(chunk)
      return chunks
    }),
    Channel.ensuringWith((exit) => Effect.forEach(observers, (observer) => observer.onEnd(exit), { discard: true }))
  )
}

/** Watches a whole answer. */
export const observeResponse = (
  response: Effect.Effect<ChatResponse, LLMError>,
  observers: Effect.Effect<ReadonlyArray<Observer>>
): Effect.Effect<ChatResponse, LLMError> =>
  Effect.flatMap(observers, (all) => {
    const span = spanOf(all)
    return all.length === 0
      ? response
      : (span === undefined ? response : Effect.withParentSpan(response, span)).pipe(
          Effect.tap((whole) => {
            for (const observer of all) observer.onResponse(whole)
          }),
          Effect.onExit((exit) => Effect.forEach(all, (observer) => observer.onEnd(exit), { discard: true }))
        )
  })
