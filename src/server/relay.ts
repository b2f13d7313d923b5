/** Relays a stream to an HTTP client as server-sent events of any format. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { monotonicMillis } from "../domain/monotonic.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { ChatStream } from "../provider/ChatStream.js"

/** How long a client may be silent or see silence; see `EventsOptions`. */
export interface RelayOptions {
  readonly keepAlive?: Duration.DurationInput | undefined
  readonly writeTimeout?: Duration.DurationInput | undefined
}

/** Writes the events of one response. */
export interface EventWriter<E, A = StreamChunk> {
  /** The events of some elements of the stream; `""` for none. */
  readonly encode: (elements: ReadonlyArray<A>) => string
  /** The events after the last element. */
  readonly end: () => string
  /** The event of a failure, and the response if nothing was sent before it. */
  readonly fail: (cause: Cause.Cause<E>) => Effect.Effect<FailedRelay>
  /** Headers of the response besides those of every event stream. */
  readonly headers?: { readonly [name: string]: string } | undefined
}

/** How a failure is reported. */
export interface FailedRelay {
  /** After the first event. */
  readonly event: string
  /** Before the first event. */
  readonly response: HttpServerResponse.HttpServerResponse
}

/**
 * Responds with the events of a stream. The response has status 200 once there is a first event or keep-alive. A client
 * that disconnects interrupts the stream, and a slow client slows it down.
 */
export const relay = <E, R, A = StreamChunk>(
  stream: Stream.Stream<A, E, R>,
  writer: EventWriter<E, A>,
  options: RelayOptions
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const outbox = new Outbox(yield* Mailbox.make<Part>(1), options.writeTimeout ?? "1 minute")
    // A server handles a request uninterruptibly until it has a response, but the client may disconnect before.
    const filling = yield* Effect.forkScoped(Effect.interruptible(fill(outbox, stream, writer)))
    yield* Effect.forkScoped(Effect.interruptible(outbox.keepAlive(options.keepAlive ?? "15 seconds")))
    const stop = Effect.zipRight(Fiber.interrupt(filling), outbox.end)
    yield* Effect.forkScoped(Effect.interruptible(Effect.zipRight(clientAborted, stop)))
    const first = yield* Effect.interruptible(outbox.first)
    const headers = { ...eventHeaders.headers, ...writer.headers }
    return first.response ?? HttpServerResponse.stream(outbox.bytes(first), { ...eventHeaders, headers })
  })

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
const fill = <E, R, A>(
  outbox: Outbox,
  stream: Stream.Stream<A, E, R>,
  writer: EventWriter<E, A>
): Effect.Effect<void, never, R> =>
  ChatStream.runForEachRead(stream, (chunks) => outbox.sendUnlessEmpty(writer.encode(chunks))).pipe(
    Effect.matchCauseEffect({
      onSuccess: () => outbox.sendUnlessEmpty(writer.end()),
      onFailure: (cause) =>
        outbox.isAbandoned
          ? Effect.void
          : Effect.flatMap(writer.fail(cause), ({ event, response }) => outbox.send(event, response))
    }),
    Effect.zipRight(outbox.end)
  )

/** The headers of a response with events. */
export const eventHeaders = {
  contentType: Format.mediaType,
  // Proxies must not buffer, compress or cache the events; nginx obeys only the second header.
  headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
} as const

/** Bytes that are written at once. */
interface Part {
  readonly bytes: Uint8Array
  /** The response if these are the first bytes: that of a failure. */
  readonly response?: HttpServerResponse.HttpServerResponse | undefined
}

/** Buffers one part to write, so that the stream is at most one part ahead of the client. */
class Outbox {
  readonly first: Effect.Effect<Part>
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
    this.end = parts.end
  }

  /** The first part and those after it. One channel, because each costs 10 to 20 µs per part. */
  bytes(first: Part): Stream.Stream<Uint8Array> {
    let opening: Uint8Array | undefined = first.bytes
    const take: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<never>> = Effect.suspend(() => {
      if (opening !== undefined) {
        const only = Chunk.of(opening)
        opening = undefined
        return Effect.succeed(only)
      }
      return Effect.flatMap(this.parts.takeAll, ([parts, isDone]) =>
        Chunk.isEmpty(parts) && isDone
          ? Effect.fail(Option.none())
          : Effect.succeed(Chunk.map(parts, ({ bytes }) => bytes))
      )
    })
    return Stream.repeatEffectChunkOption(take)
  }

  /** Waits until the previous part has been written; interrupts itself if the client does not read it in time. */
  send(text: string, response?: HttpServerResponse.HttpServerResponse): Effect.Effect<void> {
    return Effect.clockWith((clock) => {
      this.sentAt = monotonicMillis(clock)
      const part = { bytes: this.encoder.encode(text), response }
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
