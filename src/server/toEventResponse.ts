/** Makes a web `Response` of a stream, for servers without Effect's HTTP. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { StreamChunk } from "../domain/StreamChunk.js"
import type { KnownError } from "./errorResponse.js"
import { readableOf } from "./partsBody.js"
import { aborted, eventHeaders, headersOf, openRelay } from "./relay.js"
import { chunkWriter, type EventsOptions } from "./respondWithEvents.js"

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
    const writer = chunkWriter<E>(options)
    const parts = yield* openRelay(stream, writer, options).pipe(
      Scope.extend(scope),
      Effect.raceFirst(signal == null ? Effect.never : Effect.as(aborted(signal), undefined)),
      Effect.onInterrupt(() => close)
    )
    if (parts === undefined) return yield* Effect.as(close, new Response(null, { status: clientClosedRequest }))
    if (parts.first?.response !== undefined) {
      return yield* Effect.as(close, HttpServerResponse.toWeb(parts.first.response))
    }
    const stop = Effect.zipRight(
      close,
      Effect.sync(() => parts.rest.end())
    )
    if (signal != null) yield* Effect.forkIn(Effect.zipRight(aborted(signal), Effect.forkDaemon(stop)), scope)
    const headers = { "content-type": eventHeaders.contentType, ...headersOf(writer) }
    return new Response(
      readableOf(parts, () => Effect.runPromise(stop)),
      { headers }
    )
  })

// The client has disconnected and does not read this response. nginx logs such requests with this status.
const clientClosedRequest = 499
