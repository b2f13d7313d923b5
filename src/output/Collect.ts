/** Folds a stream into its response. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatFold, type ChatResponse } from "../domain/ChatResponse.js"
import { ChatStream } from "../domain/ChatStream.js"
import type { NetworkError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial, completeResponse } from "../provider/engine/completeResponse.js"

/**
 * Reads a stream to its end and gives the complete response, in linear time. When the stream fails,
 * `LLMError.partial(error)` has what had arrived. If the last chunk has no cost and a `ModelCatalog` is in context, the
 * catalog prices the response. A stream without a finish reason fails with a `NetworkError` (`Truncated`).
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
    return ChatStream.runForEachRead(stream, (chunks) => {
      for (const chunk of chunks) fold.add(chunk)
      return undefined
    }).pipe(
      Effect.zipRight(completeResponse(fold)),
      Effect.mapError((error) => attachPartial(error, fold))
    )
  })
