/** Watches one answer for those who want to know how it went: what it took, and the span that traces it. */
import { Effect, Exit, FiberId, type Tracer } from "effect"
import type { ChatResponse } from "../domain/ChatResponse.js"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as ChatStream from "../provider/ChatStream.js"

/** One who watches an answer. */
export interface Observer {
  /** The span under which the call runs, so that policies can annotate it. */
  readonly span?: Tracer.Span
  readonly onChunk: (chunk: StreamChunk) => void
  readonly onResponse: (response: ChatResponse) => void
  readonly onEnd: (exit: Exit.Exit<unknown, LLMError>) => Effect.Effect<void>
}

/** Watches a stream. */
export const observeStream = (
  stream: ChatStream.ChatStream,
  observers: Effect.Effect<ReadonlyArray<Observer>>
): ChatStream.ChatStream =>
  ChatStream.make(
    Effect.flatMap(observers, (all) => {
      const open = ChatStream.openOf(stream)
      return all.length === 0 ? open : watched(open, all)
    })
  )

const watched = (open: ChatStream.Open, observers: ReadonlyArray<Observer>): ChatStream.Open =>
  Effect.gen(function* () {
    const span = spanOf(observers)
    const within = <A, R>(effect: Effect.Effect<A, LLMError, R>) =>
      span === undefined ? effect : Effect.withParentSpan(effect, span)
    let failure: Exit.Exit<never, LLMError> | undefined
    const failed = (error: LLMError) => {
      failure = Exit.fail(error)
    }
    yield* Effect.addFinalizer((exit) =>
      Effect.forEach(observers, (observer) => observer.onEnd(failure ?? withoutReaders(exit)), { discard: true })
    )
    const pull = yield* Effect.tapError(within(open), (error) => Effect.sync(() => failed(error)))
    return Effect.mapBoth(within(pull), {
      onSuccess: (chunks) => {
        for (const chunk of chunks) for (const observer of observers) observer.onChunk(chunk)
        return chunks
      },
      onFailure: (error) => {
        failed(error)
        return error
      }
    })
  })

/** How a run ended as far as we are concerned: why the reader stopped is the reader's affair, and not for our span. */
const withoutReaders = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<void> =>
  Exit.isInterrupted(exit) ? Exit.interrupt(FiberId.none) : Exit.void

const spanOf = (observers: ReadonlyArray<Observer>): Tracer.Span | undefined =>
  observers.find((observer) => observer.span !== undefined)?.span

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
