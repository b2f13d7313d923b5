/** Reads an answer that another service of ours sends, as the stream that it was there. */
import type { HttpClientResponse } from "@effect/platform"
import { Chunk, Effect, Option, Schema, Stream } from "effect"
import { AnswerEvents } from "../browser/EventReader.js"
import { LLMError, NetworkError, ProviderError } from "../domain/LLMError.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import { decodeChunk, mediaType } from "../http/EventFormat.js"
import { parseJson } from "../http/Json.js"

/**
 * Reads the response of a service that responds with events: the same chunks, and the same failures as the same
 * classes, whether they come as the response's status or inside it. An end without the end marker is a `NetworkError`
 * with reason `Truncated`.
 */
export const readEvents = (response: HttpClientResponse.HttpClientResponse): Stream.Stream<StreamChunk, LLMError> => {
  const isAnswer = response.status === 200 && response.headers["content-type"]?.startsWith(mediaType) === true
  if (!isAnswer) return Stream.fromEffect(Effect.flatMap(refusalOf(response), Effect.fail))
  return Stream.unwrapScoped(
    Effect.map(Stream.toPull(response.stream), (pull) => {
      const events = new AnswerEvents(checkedChunk)
      const read = Effect.matchEffect(pull, {
        onSuccess: (reads) =>
          Effect.sync(() => Chunk.flatMap(reads, (bytes) => Chunk.fromIterable(events.push(bytes)))),
        onFailure: (cause) => Effect.sync(() => Chunk.fromIterable(events.cut(Option.getOrUndefined(cause))))
      })
      return Stream.repeatEffectChunkOption(
        Effect.suspend(() => (events.end === undefined ? read : Effect.fail(endOf(events))))
      )
    })
  )
}

const isChunk = Schema.is(StreamChunk)

const checkedChunk = (json: unknown): StreamChunk | undefined => {
  const chunk = decodeChunk(json)
  return isChunk(chunk) ? chunk : undefined
}

const decodeError = Schema.decodeUnknownOption(LLMError.schema)

/** The failure that ends a stream, or none where the answer is complete. */
const endOf = ({ end, count }: AnswerEvents): Option.Option<LLMError> => {
  switch (end?.type) {
    case "failure":
      return Option.some(
        Option.getOrElse(decodeError(end.json), () => unreadable("an error event does not say what failed"))
      )
    case "malformed":
      return Option.some(unreadable(end.what))
    case "cut":
      return Option.some(
        new NetworkError({ ...nobody, reason: "Truncated", message: `the answer broke off after ${count} chunks` })
      )
    default:
      return Option.none()
  }
}

const refusalOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<LLMError> => {
  const { status } = response
  const message = `the service answered with HTTP ${status} instead of a stream of events`
  const other =
    status >= 500
      ? new NetworkError({ ...nobody, status, reason: "Server", message })
      : new ProviderError({ ...nobody, status, message })
  return response.text.pipe(
    Effect.map((text) => Option.getOrElse(decodeError(parseJson(text)), () => other)),
    Effect.orElseSucceed(() => other)
  )
}

const unreadable = (what: string): LLMError =>
  new ProviderError({ ...nobody, message: `the answer cannot be read: ${what}` })

// Which provider the service asks is only told by itself.
const nobody = { provider: "", model: "" }
