/** Folds a stream into the answer that it adds up to. */
import { Effect, Option, Stream } from "effect"
import { Catalogue } from "../catalogue/Catalogue.js"
import * as Cost from "../catalogue/Cost.js"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { keepPartial, type LLMError, NetworkError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/**
 * Reads a stream to its end and gives the whole answer, in linear time. When the stream fails, what had arrived is kept
 * beside the failure: `LLMError.partial(error)`. A stream whose last chunk brings no cost is priced by the `Catalogue` in
 * context, if there is one.
 */
export const collect = <E extends LLMError, R>(
  stream: Stream.Stream<StreamChunk, E, R>
): Effect.Effect<ChatResponse, E | NetworkError, R> =>
  Effect.suspend(() => {
    const fold = new ChatFold()
    return Stream.runForEachChunk(stream, (chunks) =>
      Effect.sync(() => {
        for (const chunk of chunks) fold.add(chunk)
      })
    ).pipe(
      Effect.flatMap((): Effect.Effect<ChatResponse, NetworkError> => {
        const response = fold.response()
        return response === undefined ? cut : priced(response)
      }),
      Effect.mapError((error) => keepPartial(error, fold.partial()))
    )
  })

const priced = (response: ChatResponse): Effect.Effect<ChatResponse> => {
  const { cost, usage } = response
  if (cost !== null || usage === null) return Effect.succeed(response)
  return Effect.map(
    Effect.serviceOption(Catalogue),
    Option.match({
      onNone: () => response,
      onSome: (catalogue) => ({ ...response, cost: Cost.from(catalogue)(usage, response) })
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
