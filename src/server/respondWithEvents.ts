/** Sends an answer to a web page as server-sent events while it arrives. */
import { HttpServerResponse } from "@effect/platform"
import { type Cause, Duration, Effect, Mailbox, type Scope, Stream } from "effect"
import type { LLMError } from "../domain/LLMError.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { failureOf, isExpected, toJson, toResponse } from "./errorResponse.js"

/** How an answer is sent. */
export interface EventsOptions {
  /**
   * Sends a comment this often while the answer is silent, so that no proxy takes the connection for a dead one; 15
   * seconds by default, `Infinity` for never.
   */
  readonly keepAlive?: Duration.DurationInput | undefined
  /** What to send beside content, reasoning, tool calls, finish reason, usage, origin and cost; nothing by default. */
  readonly also?: ReadonlyArray<Format.Extra> | undefined
}

/**
 * Responds with the chunks of a stream as events, as they arrive. The response is decided by what comes first: with a
 * failure it has that failure's status (429 with `retry-after`, 502, …) and JSON, with anything else, be it only a first
 * keep-alive, it is 200, and a later failure comes as an `error` event. An answer that is complete ends with `done`, so
 * that any other end is a cut. A client that leaves interrupts the stream; one that reads slowly slows it. A failure is told
 * with its message, which may quote a line of the provider's (`Stream.mapError` changes it); a defect is logged, and told
 * without its words. The scope is that of the request, which every server of `@effect/platform` has.
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
    // A server handles a request uninterruptibly until it has a response, and the client may leave before.
    yield* Effect.forkScoped(Effect.interruptible(fill(outbox, stream, options.also ?? [])))
    yield* Effect.forkScoped(Effect.interruptible(outbox.keepAlive(options.keepAlive ?? "15 seconds")))
    const first = yield* Effect.interruptible(outbox.first)
    return first.failure === undefined ? opened(first, outbox.rest) : toResponse(first.failure)
  })

/** Sends a stream to its end, whatever that is. */
const fill = <E, R>(
  outbox: Outbox,
  stream: Stream.Stream<StreamChunk, E, R>,
  also: ReadonlyArray<Format.Extra>
): Effect.Effect<void, never, R> =>
  Stream.runForEachChunk(stream, (chunks) => {
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
      // Proxies are not to collect, compress or keep it; nginx obeys only the last.
      headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
    }
  )

/** What is written at once. */
interface Part {
  readonly bytes: Uint8Array
  /** The failure that the bytes tell of. */
  readonly failure?: LLMError | undefined
}

/** What waits to be written: one part only, so that a stream does not run ahead of its client. */
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

  /** Waits until the part before has been taken. */
  send(text: string, failure?: LLMError): Effect.Effect<void> {
    return Effect.clockWith((clock) => {
      this.sentAt = clock.unsafeCurrentTimeMillis()
      return Effect.asVoid(this.parts.offer({ bytes: this.encoder.encode(text), failure }))
    })
  }

  /** Sends a comment whenever nothing else was sent for so long; one timer, however many parts there are. */
  keepAlive(interval: Duration.DurationInput): Effect.Effect<void> {
    const millis = Duration.toMillis(interval)
    const comment = { bytes: this.encoder.encode(": keep-alive\n\n") }
    const beat = Effect.clockWith((clock) => {
      const silence = clock.unsafeCurrentTimeMillis() - this.sentAt
      if (silence < millis) return Effect.sleep(millis - silence)
      // Left out where another part still waits: then it is the client that is silent.
      this.parts.unsafeOffer(comment)
      return Effect.sleep(millis)
    })
    const begin = Effect.clockWith((clock) => Effect.sync(() => (this.sentAt = clock.unsafeCurrentTimeMillis())))
    return millis > 0 && Number.isFinite(millis) ? Effect.zipRight(begin, Effect.forever(beat)) : Effect.void
  }
}
