/** Sends a stream to an HTTP client as server-sent events. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/framing/EventFormat.js"
import { EncodedResponse } from "./EncodedResponse.js"
import {
  type FailureOptions,
  failureOf,
  type KnownError,
  logFailure,
  type OnError,
  toJson,
  toResponse
} from "./errorResponse.js"
import { type EventWriter, relay } from "./relay.js"

/** The options of `respondWithEvents`. */
export interface EventsOptions extends FailureOptions {
  /**
   * The interval of comments while the stream is silent, so that proxies do not close the connection; 15 seconds by
   * default, `Infinity` for none.
   */
  readonly keepAlive?: Duration.DurationInput | undefined
  /**
   * How long a client may leave a part unread before the stream is interrupted and the response ends without its end
   * marker; 1 minute by default, `Infinity` for no limit. Otherwise a client that never reads would hold a provider's stream.
   */
  readonly writeTimeout?: Duration.DurationInput | undefined
  /** Additional fields besides content, reasoning, tool calls, finish reason, usage, origin and cost; none by default. */
  readonly also?: ReadonlyArray<Format.Extra> | undefined
}

/** The options for a stream with failures of its own. */
export interface EventsOptionsWithErrors<E> extends EventsOptions {
  /** Converts a failure to the `LLMError` that the client gets, alone or with the status of the response. */
  readonly onError: OnError<E>
}

/**
 * Responds with the chunks of a stream as server-sent events, as they arrive. If the stream fails before the first event,
 * the response has the status of the failure (429 with `retry-after`, 502, …) and its JSON. After the first chunk or the
 * first keep-alive comment the status is 200, and a failure is an `error` event. A complete response ends with a `done`
 * event; any other end is a truncation. A client that disconnects interrupts the stream, and a slow client slows it down.
 * The client gets a failure without what the provider says, which can name your account (`providerMessages` adds it). What
 * the client does not get or cannot fix, such as a bad key, is logged as a warning. A defect is logged, and its message is
 * not sent. The scope is that of the request, which every server of `@effect/platform` provides.
 *
 * A request that cannot be read (a `ParseError` or `RequestError` in the stream) is a 400; `onError` converts all other
 * failures. Responses that the stream concatenates are one response to the client: the usage and the cost are summed, and
 * the last finish reason counts.
 *
 * ```ts
 * HttpRouter.empty.pipe(HttpRouter.post("/chat", respondWithEvents(LLMClient.chatStream({ messages }))))
 * ```
 */
export function respondWithEvents<E extends KnownError, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  options?: EventsOptions
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope>
export function respondWithEvents<E, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  options: EventsOptionsWithErrors<E>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope>
export function respondWithEvents<E, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  options: EventsOptions & Partial<EventsOptionsWithErrors<E>> = {}
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> {
  return Effect.suspend(() => relay(stream, chunkWriter(options), options))
}

/** Writes the chunks of one response in the events of this library. */
export const chunkWriter = <E>(options: EventsOptions & Partial<EventsOptionsWithErrors<E>>): EventWriter<E> => {
  const response = new EncodedResponse(options.also ?? [])
  return {
    encode: (chunks) => response.encode(chunks),
    end: () => response.finish() + Format.encodeEvent(Format.doneEvent, {}),
    fail: (cause) => {
      const failure = failureOf(cause, options)
      const event = Format.encodeEvent(Format.errorEvent, toJson(failure.error))
      return Effect.as(logFailure(failure, cause), { event, response: toResponse(failure) })
    }
  }
}
