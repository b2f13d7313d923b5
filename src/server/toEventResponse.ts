/** Makes a web `Response` of a stream, for servers without Effect's HTTP. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { KnownError } from "./errorResponse.js"
import { type EventsOptions, respondWithEvents } from "./respondWithEvents.js"

/** The options of `toEventResponse`. */
export interface EventResponseOptions extends EventsOptions {
  /** Interrupts the stream, also while its response is read; `request.signal` for instance. */
  readonly signal?: AbortSignal | null | undefined
}

/**
 * Makes a web `Response` of a stream, as `respondWithEvents` does for Effect's servers: server-sent events, or the status
 * and JSON of a failure before the first of them. Use it in the handlers of Next, Hono, Cloudflare Workers, Deno and Bun.
 * The stream is interrupted when the body is cancelled, which servers do when a client disconnects, and when `signal`
 * aborts. Read or cancel the body, because an unread one keeps the provider's connection open.
 *
 * ```ts
 * const runtime = ManagedRuntime.make(Layer.provide(LLMClient.layer({ model: "openai/gpt-4o-mini" }), FetchHttpClient.layer))
 *
 * const POST = (request: Request): Promise<Response> =>
 *   runtime.runPromise(toEventResponse(LLMClient.chatStream({ messages }), { signal: request.signal }))
 * ```
 */
export const toEventResponse = <E extends KnownError, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  { signal, ...options }: EventResponseOptions = {}
): Effect.Effect<Response, never, R> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const close = Scope.close(scope, Exit.void)
    const aborted = signal == null ? Effect.never : untilAborted(signal)
    const response = yield* respondWithEvents(stream, options).pipe(
      Scope.extend(scope),
      Effect.raceFirst(Effect.as(aborted, clientClosedRequest)),
      Effect.onInterrupt(() => close)
    )
    const { body } = response
    if (body._tag !== "Stream") return yield* Effect.as(close, HttpServerResponse.toWeb(response))
    const bytes = Stream.ensuring(Stream.interruptWhen(body.stream, aborted), close)
    const closing = HttpBody.stream(bytes, body.contentType)
    return HttpServerResponse.toWeb(HttpServerResponse.setBody(response, closing))
  })

// Nobody reads this response, because its client has gone. nginx logs such requests with this status.
const clientClosedRequest = HttpServerResponse.empty({ status: 499 })

const untilAborted = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.async((resume) => {
    const stop = () => resume(Effect.void)
    if (signal.aborted) return stop()
    signal.addEventListener("abort", stop)
    return Effect.sync(() => signal.removeEventListener("abort", stop))
  })
