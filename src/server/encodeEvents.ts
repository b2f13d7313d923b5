/** Encodes a stream as server-sent events, for servers that write to their responses themselves. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { EncodedResponse } from "./EncodedResponse.js"
import { failureOf, type KnownError, logFailure, toJson } from "./errorResponse.js"
import type { EventsOptions } from "./respondWithEvents.js"

/**
 * Encodes a stream as the text of server-sent events, the same as those of `respondWithEvents`: one event per chunk, then
 * `done`, or `error` if the stream fails. Write them to a response with the content type `text/event-stream`. A failure
 * before the first chunk is an event too, because the status has been sent; use `toEventResponse` where it should be the
 * status. It has no keep-alives.
 *
 * ```ts
 * yield* Stream.runForEach(encodeEvents(stream), (event) => Effect.sync(() => process.stdout.write(event)))
 * ```
 */
export const encodeEvents = <E extends KnownError, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  { also = [] }: Pick<EventsOptions, "also"> = {}
): Stream.Stream<string, never, R> =>
  Stream.suspend(() => {
    const response = new EncodedResponse(also)
    const end = Stream.sync(() => response.finish() + Format.encodeEvent(Format.doneEvent, {}))
    return stream.pipe(
      Stream.mapChunks((chunks) => Chunk.of(response.encode(Chunk.toReadonlyArray(chunks)))),
      Stream.filter((text) => text !== ""),
      Stream.concat(end),
      Stream.catchAllCause((cause) => {
        const failure = failureOf(cause, undefined)
        const event = Format.encodeEvent(Format.errorEvent, toJson(failure.error))
        return Stream.fromEffect(Effect.as(logFailure(failure, cause), event))
      })
    )
  })
