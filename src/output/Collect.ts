/** Folds a stream into the answer that it adds up to. */
import { Effect, Stream } from "effect"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { keepPartial, type LLMError, NetworkError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/**
 * Reads a stream to its end and gives the whole answer, in linear time. When the stream fails, what had arrived is kept
 * beside the failure: `LLMError.partial(error)`.
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
        return response === undefined ? cut : Effect.succeed(response)
      }),
      Effect.mapError((error) => keepPartial(error, fold.partial()))
    )
  })

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
