/** Transforms a stream while its response is folded, so that failures have what had arrived. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatFold } from "../domain/ChatResponse.js"
import { ChatStream } from "../domain/ChatStream.js"
import { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { attachPartial } from "../provider/engine/completeResponse.js"
import { type ChunkTransform, transformPull } from "../provider/engine/transformChunks.js"

/** Transforms each run of a stream with the fold of its response, which the transform fills. */
export const foldedStream = <B, E, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  makeTransform: (fold: ChatFold) => ChunkTransform<StreamChunk, B, E, R>
): Stream.Stream<B, E, R> =>
  ChatStream.make(
    Effect.suspend(() => {
      const fold = new ChatFold()
      const withPartial = (error: E): E => attachPartial(error, fold)
      return Effect.map(Effect.mapError(ChatStream.open(stream), withPartial), (pull) =>
        Read.map<B, B, E, R>(transformPull(pull, makeTransform(fold)), {
          onElements: (elements) => elements,
          onFailure: (cause) => Effect.failCause(Cause.map(cause, withPartial))
        })
      )
    })
  )
