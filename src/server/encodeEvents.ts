/** Encodes a stream as server-sent events, for servers that write to their responses themselves. */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { ChatStream, type Pull } from "../domain/ChatStream.js"
import type { Read } from "../domain/Read.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { KnownError } from "./errorResponse.js"
import type { EventWriter } from "./relay.js"
import { chunkWriter, type EventsOptions } from "./respondWithEvents.js"

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
  ChatStream.make(
    Effect.map(Effect.exit(ChatStream.open(stream)), (opened) =>
      eventsOf(Effect.flatten(opened), chunkWriter<E>({ also }))
    )
  )

const eventsOf = <E extends KnownError, R>(pull: Pull<E, R>, writer: EventWriter<E>): Read<string, never, R> => {
  let isOver = false
  const last = (text: string): ReadonlyArray<string> => {
    isOver = true
    return [text]
  }
  const next: Read<string, never, R> = Effect.matchCauseEffect(pull, {
    onSuccess: (chunks) => {
      if (chunks.length === 0) return Effect.succeed(last(writer.end()))
      const text = writer.encode(chunks)
      return text === "" ? next : Effect.succeed([text])
    },
    onFailure: (cause) => Effect.map(writer.fail(cause), ({ event }) => last(event))
  })
  return Effect.suspend(() => (isOver ? Effect.succeed([]) : next))
}
