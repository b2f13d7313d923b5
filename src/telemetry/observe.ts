/** Observes one call: its chunks, its response and its end, for usage reports and spans. */
import { Effect, Exit, FiberId, type Scope, type Tracer } from "effect"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { EmbedResponse } from "../domain/Embedding.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { Opening, Pull } from "../provider/ChatStream.js"

/** Observes one call. */
export interface Observer {
  /** The span under which the call runs, so that policies can annotate it. */
  readonly span?: Tracer.Span
  readonly onChunk: (chunk: StreamChunk) => void
  readonly onResponse: (response: ChatResponse | EmbedResponse) => void
  readonly onEnd: (exit: Exit.Exit<unknown, LLMError>) => Effect.Effect<void>
}

/** Rewrites the chunks of one read. */
export type MapChunks = (chunks: ReadonlyArray<StreamChunk>) => ReadonlyArray<StreamChunk>

/** Observes a response, after its chunks are rewritten. One closure per network read covers all observers. */
export const observeOpening = (
  opening: Opening,
  observers: ReadonlyArray<Observer>,
  mapChunks: MapChunks
): Opening => {
  if (observers.length === 0) return Effect.map(opening, (pull) => Effect.map(pull, mapChunks))
  return Effect.gen(function* () {
    let failure: Exit.Exit<never, LLMError> | undefined
    const onFailure = (error: LLMError) => {
      failure = Exit.fail(error)
      return error
    }
    yield* Effect.addFinalizer((exit) => endAll(observers, failure ?? withoutConsumer(exit)))
    const pull: Pull = yield* Effect.mapError(withinSpan(opening, observers), onFailure)
    return Effect.mapBoth(pull, {
      onSuccess: (chunks) => {
        const mapped = mapChunks(chunks)
        for (const chunk of mapped) for (const observer of observers) observer.onChunk(chunk)
        return mapped
      },
      onFailure
    })
  })
}

/** Observes a call that gives its response at once. */
export const observeResponse = <A extends ChatResponse | EmbedResponse, R>(
  response: Effect.Effect<A, LLMError, R>,
  observers: ReadonlyArray<Observer>
): Effect.Effect<A, LLMError, R> =>
  observers.length === 0
    ? response
    : withinSpan(response, observers).pipe(
        Effect.tap((complete) => {
          for (const observer of observers) observer.onResponse(complete)
        }),
        Effect.onExit((exit) => endAll(observers, exit))
      )

const endAll = (observers: ReadonlyArray<Observer>, exit: Exit.Exit<unknown, LLMError>): Effect.Effect<void> =>
  Effect.forEach(observers, (observer) => observer.onEnd(exit), { discard: true })

const withinSpan = <A, E, R>(
  effect: Effect.Effect<A, E, R | Scope.Scope>,
  observers: ReadonlyArray<Observer>
): Effect.Effect<A, E, R | Scope.Scope> => {
  const span = observers.find((observer) => observer.span !== undefined)?.span
  return span === undefined ? effect : Effect.withParentSpan(effect, span)
}

/** How the call ended: that the consumer stopped reading is not a failure of the call. */
const withoutConsumer = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<void> =>
  Exit.isInterrupted(exit) ? Exit.interrupt(FiberId.none) : Exit.void
