/** Reads the response of another service that uses `respondWithEvents` or `respondWithRun`, as a stream of chunks. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { EventReader } from "../browser/EventReader.js"
import { LLMError, NetworkError, ProviderError } from "../domain/LLMError.js"
import { StreamChunk } from "../domain/StreamChunk.js"
import * as Body from "../http/Body.js"
import { decodeChunk, mediaType } from "../http/framing/EventFormat.js"
import { isObject, parseJson } from "../http/Json.js"
import { type RunError, runErrorFrom } from "../runs/RunError.js"

/**
 * Reads the response of a service that uses `respondWithEvents`. Gives the same chunks, and fails with the same error
 * class, whether the service reported the failure by the status or by an event. A response without the end marker is a
 * `NetworkError` (`Truncated`).
 */
export const readEvents = (response: HttpClientResponse.HttpClientResponse): Stream.Stream<StreamChunk, LLMError> =>
  read(response, errorIn)

/**
 * Reads the response of a service that uses `respondWithRun`, as `readEvents` does. How a run ended or why it cannot be
 * read is the same `RunError`, `Stopped` or `NotFound` for instance.
 *
 * ```ts
 * const follow = (url: string) => Stream.unwrap(Effect.map(HttpClient.get(url), readRunEvents))
 * ```
 */
export const readRunEvents = (
  response: HttpClientResponse.HttpClientResponse
): Stream.Stream<StreamChunk, LLMError | RunError> =>
  read(response, (json) => Option.orElse(runErrorFrom(json), () => errorIn(json)))

const read = <E>(
  response: HttpClientResponse.HttpClientResponse,
  errorIn: (json: unknown) => Option.Option<E>
): Stream.Stream<StreamChunk, E | LLMError> => {
  const isEventStream = response.status === 200 && response.headers["content-type"]?.startsWith(mediaType) === true
  if (!isEventStream) return Stream.fromEffect(Effect.flatMap(rejectionOf(response, errorIn), Effect.fail))
  return Stream.unwrapScoped(
    Effect.map(Stream.toPull(response.stream), (pull) => {
      const events = new EventReader(checkedChunk)
      const read = Effect.matchEffect(pull, {
        onSuccess: (reads) =>
          Effect.sync(() => Chunk.flatMap(reads, (bytes) => Chunk.fromIterable(events.push(bytes)))),
        onFailure: (cause) => Effect.sync(() => Chunk.fromIterable(events.disconnected(Option.getOrUndefined(cause))))
      })
      return Stream.repeatEffectChunkOption(
        Effect.suspend(() => (events.end === undefined ? read : Effect.fail(endOf(events, errorIn))))
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

/** The error of a JSON value. A delay that is not finite, as `JSON.parse` reads 1e400, is left out. */
const errorIn = (json: unknown): Option.Option<LLMError> => {
  if (!isObject(json) || Number.isFinite(json["retryAfter"] ?? 0)) return decodeError(json)
  const { retryAfter: _, ...others } = json
  return decodeError(others)
}

/** The failure that ends the stream, or `None` if the response is complete. */
const endOf = <E>(
  { end, count }: EventReader,
  errorIn: (json: unknown) => Option.Option<E>
): Option.Option<E | LLMError> => {
  switch (end?.type) {
    case "failure":
      return Option.some(Option.getOrElse(errorIn(end.json), () => unreadable("an error event has no valid error")))
    case "malformed":
      return Option.some(unreadable(end.problem))
    case "truncated":
      return Option.some(
        new NetworkError({
          ...unknownOrigin,
          reason: "Truncated",
          message: `the response was truncated after ${count} chunks`
        })
      )
    default:
      return Option.none()
  }
}

const rejectionOf = <E>(
  response: HttpClientResponse.HttpClientResponse,
  errorIn: (json: unknown) => Option.Option<E>
): Effect.Effect<E | LLMError> => {
  const { status } = response
  const message = `the service responded with HTTP ${status} instead of an event stream`
  const other =
    status >= 500
      ? new NetworkError({ ...unknownOrigin, status, reason: "Server", message })
      : new ProviderError({ ...unknownOrigin, status, message })
  return Effect.map(errorTextOf(response), (text) => Option.getOrElse(errorIn(parseJson(text)), () => other))
}

// Bytes. The JSON of an error has less than a hundredth of it.
const maxErrorBytes = 64 * 1024
const errorTimeout = "30 seconds"

/** The body of an error, within bounds of size and time; `""` for one that is not complete. */
const errorTextOf = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  Effect.gen(function* () {
    const body = yield* Body.open(response)
    const isClean = ({ end }: Body.Text): boolean => end === "clean"
    const read = yield* Effect.onExit(Body.readText(body, maxErrorBytes), (exit) =>
      // A connection whose response is complete can be used again.
      Exit.exists(exit, isClean) ? Effect.void : Effect.sync(body.cancel)
    )
    return isClean(read) ? read.text : ""
  }).pipe(Effect.scoped, Effect.timeoutTo({ duration: errorTimeout, onSuccess: (text) => text, onTimeout: () => "" }))

const unreadable = (problem: string): LLMError =>
  new ProviderError({ ...unknownOrigin, message: `could not read the response: ${problem}` })

// Only the service knows which provider it uses.
const unknownOrigin = { provider: "", model: "" }
