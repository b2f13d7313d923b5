/** Observes one call: its chunks and its end, for usage reports and spans. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import type * as Tracer from "effect/Tracer"
import type { Opening, Pull } from "../domain/ChatStream.js"
import type { EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { CallObserver } from "../provider/CallObserver.js"
import { watchPull } from "../provider/engine/watchPull.js"

/** Observes one call. */
export interface Observer {
  /** The span under which the call runs. */
  readonly span?: Tracer.Span
  /** Gets the chunks of one network read. The chunk with the finish reason is the last one of the last read. */
  readonly onChunks: (chunks: ReadonlyArray<StreamChunk>) => void
  readonly onEmbeddings: (response: EmbedResponse) => void
  readonly onEnd: (exit: Exit.Exit<unknown, LLMError>) => Effect.Effect<void>
}

/** An observer with a span, which policies and providers report to. */
export interface TracingObserver extends Observer, CallObserver {
  readonly span: Tracer.Span
}

/** Rewrites the chunks of one network read. */
export type MapChunks = (chunks: ReadonlyArray<StreamChunk>) => ReadonlyArray<StreamChunk>

/** Observes a response whose chunks are rewritten first. One closure per network read serves all observers. */
export const observeOpening = (opening: Opening, observers: ReadonlyArray<Observer>, mapChunks: MapChunks): Opening =>
  Effect.gen(function* () {
    const span = spanOf(observers)
    let failure: Exit.Exit<never, LLMError> | undefined
    const onFailure = (error: LLMError) => {
      failure = Exit.fail(error)
      return error
    }
    yield* Effect.addFinalizer((exit) => endAll(observers, failure ?? withoutConsumer(exit)))
    const pull: Pull = yield* Effect.mapError(
      span === undefined ? opening : Effect.withParentSpan(opening, span),
      onFailure
    )
    return watchPull(pull, {
      onChunks: (chunks) => {
        const mapped = mapChunks(chunks)
        for (const observer of observers) observer.onChunks(mapped)
        return mapped
      },
      onFailure: (error) => Effect.fail(onFailure(error))
    })
  })

/** Observes embeddings. */
export const observeEmbeddings = (
  embedding: Effect.Effect<EmbedResponse, LLMError>,
  observers: ReadonlyArray<Observer>
): Effect.Effect<EmbedResponse, LLMError> => {
  const span = spanOf(observers)
  return (span === undefined ? embedding : Effect.withParentSpan(embedding, span)).pipe(
    Effect.tap((response) => {
      for (const observer of observers) observer.onEmbeddings(response)
    }),
    Effect.onExit((exit) => endAll(observers, exit))
  )
}

const endAll = (observers: ReadonlyArray<Observer>, exit: Exit.Exit<unknown, LLMError>): Effect.Effect<void> =>
  observers.reduce((ending, observer) => Effect.zipRight(ending, observer.onEnd(exit)), Effect.void)

const spanOf = (observers: ReadonlyArray<Observer>): Tracer.Span | undefined =>
  observers.find((observer) => observer.span !== undefined)?.span

/** How the call ended: a consumer that stops reading is not a failure of the call. */
const withoutConsumer = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<void> =>
  Exit.isInterrupted(exit) ? Exit.interrupt(FiberId.none) : Exit.void
