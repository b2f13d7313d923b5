/** Relays a stream to an HTTP client as server-sent events of any format. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ChatStream } from "../domain/ChatStream.js"
import { durationProblem, type OptionProblem } from "../domain/durationProblem.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import * as Format from "../http/framing/EventFormat.js"
import { Outbox, type RelayOptions } from "./Outbox.js"
import { type Parts, respondWithParts } from "./partsBody.js"

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

/** The two ways to report a failure. */
export interface FailedRelay {
  /** The event to send after the first one. */
  readonly event: string
  /** The response to send before the first event. */
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
  Effect.flatMap(openRelay(stream, writer, options), (parts) =>
    parts.first?.response === undefined
      ? respondWithParts(parts, { ...eventHeaders, headers: headersOf(writer) })
      : Effect.succeed(parts.first.response)
  )

/** Begins to read a stream, and waits for its first events. Closing the scope interrupts the stream. */
export const openRelay = <E, R, A = StreamChunk>(
  stream: Stream.Stream<A, E, R>,
  writer: EventWriter<E, A>,
  options: RelayOptions
): Effect.Effect<Parts, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const problem = relayProblem(options)
    const outbox = new Outbox(yield* Effect.clock, problem === undefined ? options : {})
    // A defect is a 500, and its message is in the log alone.
    const source = problem === undefined ? stream : Stream.dieMessage(problem)
    const filling = Effect.zipRight(Effect.fork(outbox.keepAlive), fill(outbox, source, writer))
    // A server handles a request uninterruptibly until it has a response, but the client may disconnect before.
    const fiber = yield* Effect.forkScoped(Effect.interruptible(filling))
    yield* endOnAbort(Effect.zipRight(Fiber.interrupt(fiber), outbox.end))
    return { first: yield* Effect.interruptible(outbox.parts.take), rest: outbox.parts }
  })

/** Checks the options. */
export const relayProblem = ({ keepAlive = 0, writeTimeout = 0 }: RelayOptions): OptionProblem =>
  durationProblem("keepAlive", keepAlive) ?? durationProblem("writeTimeout", writeTimeout)

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

/** Waits until a signal aborts. */
export const aborted = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const onAbort = () => resume(Effect.void)
    if (signal.aborted) onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", onAbort))
  })

/** Sends the events of a stream and the event of its end or failure. */
const fill = <E, R, A>(
  outbox: Outbox,
  stream: Stream.Stream<A, E, R>,
  writer: EventWriter<E, A>
): Effect.Effect<void, never, R> =>
  ChatStream.runForEachRead(stream, (chunks) => outbox.send(writer.encode(chunks))).pipe(
    Effect.matchCauseEffect({
      onSuccess: () => outbox.send(writer.end()) ?? Effect.void,
      onFailure: (cause) =>
        outbox.isAbandoned
          ? Effect.void
          : Effect.flatMap(writer.fail(cause), ({ event, response }) => outbox.send(event, response) ?? Effect.void)
    }),
    Effect.ensuring(outbox.end)
  )

/** The headers of a response with events. */
export const eventHeaders = {
  contentType: Format.mediaType,
  // Proxies must not buffer, compress or cache the events; nginx obeys only the second header.
  headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
} as const

/** The headers of a response with the events of a writer. */
export const headersOf = ({ headers }: Pick<EventWriter<never>, "headers">): { readonly [name: string]: string } => ({
  ...eventHeaders.headers,
  ...headers
})
