/** Relays a stream to an HTTP client as server-sent events of any format. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { monotonicMillis } from "../domain/monotonic.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/EventFormat.js"
import { ChatStream } from "../provider/ChatStream.js"
import { Handover } from "./Handover.js"

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
    const outbox = new Outbox(yield* Effect.clock, options)
    const filling = Effect.zipRight(Effect.fork(outbox.keepAlive), fill(outbox, stream, writer))
    // A server handles a request uninterruptibly until it has a response, but the client may disconnect before.
    const fiber = yield* Effect.forkScoped(Effect.interruptible(filling))
    yield* endOnAbort(Effect.zipRight(Fiber.interrupt(fiber), outbox.end))
    const first = yield* Effect.interruptible(outbox.take)
    const headers = { ...eventHeaders.headers, ...writer.headers }
    return first?.response ?? HttpServerResponse.stream(bytesOf(first, outbox.take), { ...eventHeaders, headers })
  })

/**
 * Stops when the signal of a web `Request` aborts. A handler of `HttpApp.toWebHandler` gets it, and stops listening once it
 * has a response. Other servers close the scope when the client disconnects.
 */
const endOnAbort = (stop: Effect.Effect<unknown>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.serviceOption(HttpServerRequest.HttpServerRequest), (request) => {
    const signal: unknown = Reflect.get(Option.getOrUndefined(request)?.source ?? {}, "signal")
    return signal instanceof AbortSignal
      ? Effect.asVoid(Effect.forkScoped(Effect.interruptible(Effect.zipRight(aborted(signal), stop))))
      : Effect.void
  })

const aborted = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const onAbort = () => resume(Effect.void)
    if (signal.aborted) onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", onAbort))
  })

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

/** The first part and those after it. One channel, because each costs 10 to 20 µs per part. */
const bytesOf = (first: Part | undefined, take: Outbox["take"]): Stream.Stream<Uint8Array> => {
  type Bytes = Channel.Channel<Chunk.Chunk<Uint8Array>>
  const write = (part: Part | undefined): Bytes =>
    part === undefined ? Channel.void : Channel.flatMap(Channel.write(Chunk.of(part.bytes)), () => rest)
  const rest: Bytes = Channel.flatMap(Channel.fromEffect(take), write)
  return Stream.fromChannel(write(first))
}

const keepAliveComment = new TextEncoder().encode(": keep-alive\n\n")

/** Encodes parts and hands them over. */
class Outbox {
  private readonly parts = new Handover<Part>()
  private readonly encoder = new TextEncoder()
  private sentAt = 0
  /** Whether the client did not read in time; nothing is sent from then on. */
  isAbandoned = false

  constructor(
    private readonly clock: Clock.Clock,
    private readonly options: RelayOptions
  ) {}

  readonly take = this.parts.take

  readonly end = Effect.sync(() => this.parts.end())

  /** Waits until the previous part has been taken; interrupts itself if the client does not read it in time. */
  send(text: string, response?: HttpServerResponse.HttpServerResponse): Effect.Effect<void> {
    this.sentAt = monotonicMillis(this.clock)
    const part = { bytes: this.encoder.encode(text), response }
    // Only a part that has to wait pays for a timeout.
    return this.parts.offer(part)
      ? Effect.void
      : Effect.timeoutTo(this.parts.put(part), {
          duration: this.options.writeTimeout ?? "1 minute",
          onSuccess: () => Effect.void,
          onTimeout: () => this.abandon
        }).pipe(Effect.flatten)
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
  readonly keepAlive: Effect.Effect<void> = Effect.suspend(() => {
    const millis = Duration.toMillis(this.options.keepAlive ?? "15 seconds")
    if (millis <= 0 || !Number.isFinite(millis)) return Effect.void
    this.sentAt = monotonicMillis(this.clock)
    const beat = Effect.suspend(() => {
      const silence = monotonicMillis(this.clock) - this.sentAt
      if (silence < millis) return Effect.sleep(millis - silence)
      // Dropped if another part is still held: then the client is slow, not the stream.
      this.parts.offer({ bytes: keepAliveComment })
      return Effect.sleep(millis)
    })
    return Effect.forever(beat)
  })
}
