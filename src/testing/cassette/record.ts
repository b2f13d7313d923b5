/** Records what an HTTP client sends and receives, read by read, while the caller reads it. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { monotonicMillis } from "../../domain/monotonic.js"
import type { OpenExchange, Recording } from "./Recording.js"
import { requestKey } from "./requestKey.js"

/** Says which headers of a response are stored. */
export type IsStored = (name: string) => boolean

/** Makes a client that records what goes through another one. */
export const recorder = (
  client: HttpClient.HttpClient,
  recording: Recording,
  isStored: IsStored
): HttpClient.HttpClient =>
  // The request that arrives here is the one that is sent: the client's own changes are in it.
  HttpClient.transform(client, (sending, request) =>
    Effect.gen(function* () {
      if (recording.failure !== undefined) return yield* notSent(request, recording.failure)
      const key = yield* Effect.catchAll(requestKey(request, recording.sha256), (problem) => {
        recording.fail("Unsupported", `answers a request that cannot be recorded: ${problem}`)
        return notSent(request, recording.failure)
      })
      const clock = yield* Effect.clock
      const start = monotonicMillis(clock)
      const elapsed = () => Math.max(0, Math.round(monotonicMillis(clock) - start))
      const exchange = recording.start(key)
      const response = yield* Effect.tapError(sending, () => exchange.failed(elapsed()))
      const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => isStored(name)))
      const encoding = response.headers["content-encoding"]
      exchange.begin({ atMillis: elapsed(), status: response.status, headers, encoding })
      return yield* teed(request, response, exchange, elapsed)
    })
  )

/** The error of a request that no connection was opened for. */
export const notSent = (request: HttpClientRequest.HttpClientRequest, cause: unknown) =>
  Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", cause }))

/** A response with the same body, of which each read is recorded when the caller gets it. */
const teed = (
  request: HttpClientRequest.HttpClientRequest,
  response: HttpClientResponse.HttpClientResponse,
  exchange: OpenExchange,
  elapsed: () => number
) =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<never>()
    const reading = yield* Scope.make()
    const leave = Effect.suspend(() => exchange.end("interrupted", elapsed())).pipe(
      Effect.zipRight(Scope.close(reading, Exit.void))
    )
    // Closed before the scope of the request aborts the connection, which would look broken.
    const scope = yield* Effect.serviceOption(Scope.Scope)
    if (Option.isSome(scope)) yield* Scope.addFinalizer(scope.value, leave)
    const pull = yield* Scope.extend(Stream.toPull(response.stream), reading)
    const run = Runtime.runPromise(runtime)
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) =>
          run(
            Effect.matchCauseEffect(pull, {
              onSuccess: (chunk) =>
                Effect.sync(() => {
                  for (const bytes of Chunk.toReadonlyArray(chunk)) {
                    exchange.read(elapsed(), bytes)
                    controller.enqueue(bytes)
                  }
                }),
              onFailure: (cause) => ended(cause, controller, exchange, elapsed)
            })
          ),
        cancel: () => run(leave)
      },
      { highWaterMark: 0 }
    )
    return HttpClientResponse.fromWeb(request, responseOf(body, response.status, response.headers))
  })

const ended = (
  cause: Cause.Cause<Option.Option<HttpClientError.ResponseError>>,
  controller: ReadableStreamDefaultController<Uint8Array>,
  exchange: OpenExchange,
  elapsed: () => number
): Effect.Effect<void> => {
  const error = Option.getOrUndefined(Option.flatten(Cause.failureOption(cause)))
  const isComplete = Option.isSome(Cause.failureOption(cause)) && (error === undefined || error.reason === "EmptyBody")
  if (isComplete) {
    return Effect.zipRight(
      exchange.end("complete", elapsed()),
      Effect.sync(() => controller.close())
    )
  }
  return Effect.zipRight(
    exchange.end(Cause.isInterrupted(cause) ? "interrupted" : "broken", elapsed()),
    Effect.sync(() => controller.error(error ?? Cause.squash(cause)))
  )
}

// By https://fetch.spec.whatwg.org/#null-body-status; a response with a body and such a status cannot be made.
const statusesWithoutBody = [204, 205, 304]

/** Makes a web response. */
export const responseOf = (
  body: ReadableStream<Uint8Array>,
  status: number,
  headers: { readonly [name: string]: string | undefined }
): Response =>
  new Response(statusesWithoutBody.includes(status) ? null : body, {
    status,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] satisfies [string, string]]
    )
  })
