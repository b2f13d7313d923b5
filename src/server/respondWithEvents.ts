/** Sends a stream to an HTTP client as server-sent events. */
import { HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Duration, Effect, Fiber, Mailbox, Option, type Scope, Stream } from "effect"
import { monotonicMillis } from "../domain/monotonic.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { ChatStream } from "../provider/ChatStream.js"
import { EncodedResponse } from "./EncodedResponse.js"
import {
  type Failure,
  failureOf,
  type KnownError,
  logUnexpected,
  type OnError,
  toJson,
  toResponse
} from "./errorResponse.js"

/** The options of `respondWithEvents`. */
export interface EventsOptions {
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
 * The client gets the message of a failure, which may quote the provider (change it with `Stream.mapError`). A defect is
 * logged, and its message is not sent. The scope is that of the request, which every server of `@effect/platform` provides.
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
  return Effect.gen(function* () {
    const outbox = new Outbox(yield* Mailbox.make<Part>(1), options.writeTimeout ?? "1 minute")
    // A server handles a request uninterruptibly until it has a response, but the client may disconnect before.
    const filling = yield* Effect.forkScoped(Effect.interruptible(fill(outbox, stream, options)))
    yield* Effect.forkScoped(Effect.interruptible(outbox.keepAlive(options.keepAlive ?? "15 seconds")))
    const stop = Effect.zipRight(Fiber.interrupt(filling), outbox.end)
    yield* Effect.forkScoped(Effect.interruptible(Effect.zipRight(clientAborted, stop)))
    const first = yield* Effect.interruptible(outbox.first)
    return first.failure === undefined ? opened(first, outbox.rest) : toResponse(first.failure)
  })
}

/**
 * Waits until the signal of a web `Request` aborts. A handler of `HttpApp.toWebHandler` gets it, and stops listening once it
 * has a response. Other servers close the scope when the client disconnects.
 */
const clientAborted: Effect.Effect<void> = Effect.flatMap(
  Effect.serviceOption(HttpServerRequest.HttpServerRequest),
  (request) => {
    const signal: unknown = Reflect.get(Option.getOrUndefined(request)?.source ?? {}, "signal")
    if (!(signal instanceof AbortSignal)) return Effect.never
    return Effect.async<void>((resume) => {
      const onAbort = () => resume(Effect.void)
      if (signal.aborted) onAbort()
      signal.addEventListener("abort", onAbort, { once: true })
      return Effect.sync(() => signal.removeEventListener("abort", onAbort))
    })
  }
)

/** Sends a stream, and how it ended. */
const fill = <E, R>(
  outbox: Outbox,
  stream: Stream.Stream<StreamChunk, E, R>,
  { also = [], onError }: EventsOptions & Partial<EventsOptionsWithErrors<E>>
): Effect.Effect<void, never, R> => {
  const response = new EncodedResponse(also)
  return ChatStream.runForEachRead(stream, (chunks) => {
    const text = response.encode(chunks)
    return text === "" ? Effect.void : outbox.send(text)
  }).pipe(
    Effect.matchCauseEffect({
      onSuccess: () =>
        Effect.zipRight(
          outbox.sendUnlessEmpty(response.finish()),
          outbox.send(Format.encodeEvent(Format.doneEvent, {}))
        ),
      onFailure: (cause) => {
        if (outbox.isAbandoned) return Effect.void
        const failure = failureOf(cause, onError)
        return Effect.zipRight(logUnexpected(failure, cause), fail(outbox, failure))
      }
    }),
    Effect.zipRight(outbox.end)
  )
}

const fail = (outbox: Outbox, failure: Failure): Effect.Effect<void> =>
  outbox.send(Format.encodeEvent(Format.errorEvent, toJson(failure.error)), failure)

const opened = (first: Part, rest: Stream.Stream<Part>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    Stream.map(Stream.concat(Stream.succeed(first), rest), ({ bytes }) => bytes),
    {
      contentType: Format.mediaType,
      // Proxies must not buffer, compress or cache the events; nginx obeys only the second header.
      headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
    }
  )

/** Bytes that are written at once. */
interface Part {
  readonly bytes: Uint8Array
  /** The failure that the bytes report. */
  readonly failure?: Failure | undefined
}

/** Buffers one part to write, so that the stream is at most one part ahead of the client. */
class Outbox {
  readonly first: Effect.Effect<Part>
  readonly rest: Stream.Stream<Part>
  readonly end: Effect.Effect<unknown>
  private readonly encoder = new TextEncoder()
  private sentAt = 0
  /** Whether the client did not read in time; nothing is sent from then on. */
  isAbandoned = false

  constructor(
    private readonly parts: Mailbox.Mailbox<Part>,
    private readonly writeTimeout: Duration.DurationInput
  ) {
    this.first = Effect.orDie(parts.take)
    this.rest = Mailbox.toStream(parts)
    this.end = parts.end
  }

  /** Waits until the previous part has been written; interrupts itself if the client does not read it in time. */
  send(text: string, failure?: Failure): Effect.Effect<void> {
    return Effect.clockWith((clock) => {
      this.sentAt = monotonicMillis(clock)
      const part = { bytes: this.encoder.encode(text), failure }
      // Only a part that has to wait pays for a timeout.
      return this.parts.unsafeOffer(part)
        ? Effect.void
        : Effect.timeoutTo(this.parts.offer(part), {
            duration: this.writeTimeout,
            onSuccess: () => Effect.void,
            onTimeout: () => this.abandon
          }).pipe(Effect.flatten)
    })
  }

  private readonly abandon = Effect.suspend(() => {
    this.isAbandoned = true
    return Effect.interrupt
  })

  /** Sends a text, if there is one. */
  sendUnlessEmpty(text: string): Effect.Effect<void> {
    return text === "" ? Effect.void : this.send(text)
  }

  /** Sends a comment after each interval without a part. It uses one timer for all parts. */
  keepAlive(interval: Duration.DurationInput): Effect.Effect<void> {
    const millis = Duration.toMillis(interval)
    const comment = { bytes: this.encoder.encode(": keep-alive\n\n") }
    const beat = Effect.clockWith((clock) => {
      const silence = monotonicMillis(clock) - this.sentAt
      if (silence < millis) return Effect.sleep(millis - silence)
      // Dropped if another part is still buffered: then the client is slow, not the stream.
      this.parts.unsafeOffer(comment)
      return Effect.sleep(millis)
    })
    const begin = Effect.clockWith((clock) => Effect.sync(() => (this.sentAt = monotonicMillis(clock))))
    return millis > 0 && Number.isFinite(millis) ? Effect.zipRight(begin, Effect.forever(beat)) : Effect.void
  }
}
