/** Sends a stream to an HTTP client as server-sent events. */
import { HttpServerResponse } from "@effect/platform"
import { type Cause, Duration, Effect, Mailbox, type Scope, Stream } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { ChatStream } from "../provider/ChatStream.js"
import { failureOf, isExpected, toJson, toResponse } from "./errorResponse.js"

/** The options of `respondWithEvents`. */
export interface EventsOptions {
  /**
   * The interval of comments while the stream is silent, so that proxies do not close the connection; 15 seconds by
   * default, `Infinity` for none.
   */
  readonly keepAlive?: Duration.DurationInput | undefined
  /** Additional fields besides content, reasoning, tool calls, finish reason, usage, origin and cost; none by default. */
  readonly also?: ReadonlyArray<Format.Extra> | undefined
}

/**
 * Responds with the chunks of a stream as server-sent events, as they arrive. If the stream fails before the first event,
 * the response has the status of the failure (429 with `retry-after`, 502, …) and its JSON. After the first chunk or the
 * first keep-alive comment the status is 200, and a failure is an `error` event. A complete response ends with a `done`
 * event; any other end is a truncation. A client that disconnects interrupts the stream, and a slow client slows it down.
 * The client gets the message of a failure, which may quote the provider (change it with `Stream.mapError`). A defect is
 * logged, and its message is not sent. The scope is that of the request, which every server of `@effect/platform` provides.
 *
 * ```ts
 * HttpRouter.empty.pipe(HttpRouter.post("/chat", respondWithEvents(LLMClient.chatStream({ messages }))))
 * ```
 */
export const respondWithEvents = <E extends LLMError, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  options: EventsOptions = {}
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const outbox = new Outbox(yield* Mailbox.make<Part>(1))
    // A server handles a request uninterruptibly until it has a response, but the client may disconnect before.
    yield* Effect.forkScoped(Effect.interruptible(fill(outbox, stream, options.also ?? [])))
    yield* Effect.forkScoped(Effect.interruptible(outbox.keepAlive(options.keepAlive ?? "15 seconds")))
    const first = yield* Effect.interruptible(outbox.first)
    return first.failure === undefined ? opened(first, outbox.rest) : toResponse(first.failure)
  })

/** Sends a stream, and how it ended. */
const fill = <E, R>(
  outbox: Outbox,
  stream: Stream.Stream<StreamChunk, E, R>,
  also: ReadonlyArray<Format.Extra>
): Effect.Effect<void, never, R> =>
  ChatStream.runForEachRead(stream, (chunks) => {
    let text = ""
    for (const chunk of chunks) text += Format.encodeChunk(chunk, also)
    return text === "" ? Effect.void : outbox.send(text)
  }).pipe(
    Effect.matchCauseEffect({
      onSuccess: () => outbox.send(Format.encodeEvent(Format.doneEvent, {})),
      onFailure: (cause) => Effect.zipRight(logUnexpected(cause), fail(outbox, failureOf(cause)))
    }),
    Effect.zipRight(outbox.end)
  )

const fail = (outbox: Outbox, error: LLMError): Effect.Effect<void> =>
  outbox.send(Format.encodeEvent(Format.errorEvent, toJson(error)), error)

const logUnexpected = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  isExpected(cause) ? Effect.void : Effect.logError("a stream sent as server-sent events failed unexpectedly", cause)

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
  readonly failure?: LLMError | undefined
}

/** Buffers one part to write, so that the stream is at most one part ahead of the client. */
class Outbox {
  readonly first: Effect.Effect<Part>
  readonly rest: Stream.Stream<Part>
  readonly end: Effect.Effect<unknown>
  private readonly encoder = new TextEncoder()
  private sentAt = 0

  constructor(private readonly parts: Mailbox.Mailbox<Part>) {
    this.first = Effect.orDie(parts.take)
    this.rest = Mailbox.toStream(parts)
    this.end = parts.end
  }

  /** Waits until the previous part has been written. */
  send(text: string, failure?: LLMError): Effect.Effect<void> {
    return Effect.clockWith((clock) => {
      this.sentAt = clock.unsafeCurrentTimeMillis()
      return Effect.asVoid(this.parts.offer({ bytes: this.encoder.encode(text), failure }))
    })
  }

  /** Sends a comment after each interval without a part. It uses one timer for all parts. */
  keepAlive(interval: Duration.DurationInput): Effect.Effect<void> {
    const millis = Duration.toMillis(interval)
    const comment = { bytes: this.encoder.encode(": keep-alive\n\n") }
    const beat = Effect.clockWith((clock) => {
      const silence = clock.unsafeCurrentTimeMillis() - this.sentAt
      if (silence < millis) return Effect.sleep(millis - silence)
      // Dropped if another part is still buffered: then the client is slow, not the stream.
      this.parts.unsafeOffer(comment)
      return Effect.sleep(millis)
    })
    const begin = Effect.clockWith((clock) => Effect.sync(() => (this.sentAt = clock.unsafeCurrentTimeMillis())))
    return millis > 0 && Number.isFinite(millis) ? Effect.zipRight(begin, Effect.forever(beat)) : Effect.void
  }
}
