/** Folds a stream into the answer that it adds up to. */
import { Effect, Option, Stream } from "effect"
import * as Cost from "../catalog/Cost.js"
import { ModelCatalog } from "../catalog/ModelCatalog.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { isLLMError, keepPartial, NetworkError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/**
 * Reads a stream to its end and gives the whole answer, in linear time. When the stream fails, what had arrived is kept
 * beside the failure: `LLMError.partial(error)`. A stream whose last chunk brings no cost is priced by the `ModelCatalog` in
 * context, if there is one.
 *
 * ```ts
 * const { content, finishReason, usage } = yield* collect(LLMClient.chatStream({ messages }))
 * ```
 */
export const collect = <E, R>(
  stream: Stream.Stream<StreamChunk, E, R>
): Effect.Effect<ChatResponse, E | NetworkError, R> =>
  Effect.suspend(() => {
    const fold = new ChatFold()
    return Stream.runForEachChunk(stream, (chunks) =>
      Effect.sync(() => {
        for (const chunk of chunks) fold.add(chunk)
      })
    ).pipe(
      Effect.zipRight(completed(fold)),
      Effect.mapError((error) => keepingPartial(error, fold))
    )
  })

/** Gives the answer that a fold adds up to at the end of its stream. */
export const completed = (fold: ChatFold): Effect.Effect<ChatResponse, NetworkError> =>
  Effect.suspend(() => {
    const response = fold.response()
    return response === undefined ? cut : priced(response)
  })

/** Keeps what a fold has beside the failure that ends its stream; a failure of someone else's passes as it is. */
export const keepingPartial = <E>(error: E, fold: ChatFold): E =>
  isLLMError(error) ? keepPartial(error, fold.partial()) : error

/** Prices an answer that brings no cost, by the catalog in context. */
export const priced = (response: ChatResponse): Effect.Effect<ChatResponse> => {
  const { cost, usage } = response
  if (cost !== null || usage === null) return Effect.succeed(response)
  return Effect.map(
    Effect.serviceOption(ModelCatalog),
    Option.match({
      onNone: () => response,
      onSome: (catalog) => ({ ...response, cost: Cost.dollarsOf(catalog, response, usage) })
    })
  )
}

// A part of a stream (after `take`, say) is no answer.
const cut = Effect.suspend(() =>
  Effect.fail(
    new NetworkError({
      provider: "",
      model: "",
      reason: "Truncated",
      message: "the stream ended without a finish reason; collect the whole stream, not a part of it"
    })
  )
)
