/**
 * Signs and sends a request, and once more after a 401 if the credentials can refresh. A response without a 2xx status
 * becomes the error that it reports.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Scope from "effect/Scope"
import type { TimeoutName } from "../../domain/ErrorFields.js"
import { maxJsonDepth, toJsonText } from "../../domain/JsonText.js"
import type { LLMError, ValidationError } from "../../domain/LLMError.js"
import * as Body from "../../http/Body.js"
import type { ReportedError } from "../../http/errors/classification.js"
import * as httpErrors from "../../http/errors/httpErrors.js"
import { parseJson } from "../../http/Json.js"
import * as RateLimitHeaders from "../../http/RateLimitHeaders.js"
import type { Encoded } from "../../protocol/Protocol.js"
import type { CallObserver } from "../CallObserver.js"
import type { CallOptions } from "../Provider.js"
import type { ProviderRuntime } from "../ProviderRuntime.js"
import { type Timeouts, timeoutsProblem } from "../Timeouts.js"
import { executor, type HttpResponse, type OutgoingRequest } from "./execute.js"
import { invalid, type RequestContext } from "./RequestContext.js"
import { StreamTimers } from "./StreamTimers.js"

/** A response whose headers have arrived. `Send` returns only those with a 2xx status. */
export interface Received extends Pick<HttpResponse, "body"> {
  /** What errors may say about it, with its status and its headers. */
  readonly context: httpErrors.RequestContext
  readonly timers: StreamTimers
}

/** How a protocol reports its errors; every protocol is an `ErrorReader`. */
export interface ErrorReader {
  readonly reportedError: (body: unknown) => ReportedError | undefined
}

/** How a request is sent. */
export interface RequestOptions {
  readonly context: RequestContext
  /** Whether the response is read as it arrives: without a total timeout by default. */
  readonly isStream: boolean
  readonly timeouts?: Timeouts | undefined
  readonly onRateLimits?: CallOptions["onRateLimits"]
  readonly observer?: CallObserver | undefined
}

/** An encoded request, and how it is sent. */
export interface SendOptions extends RequestOptions {
  readonly encoded: Encoded
}

/** Sends a request. Closing the scope closes the socket of the response. */
export type Send = (options: SendOptions) => Effect.Effect<Received, LLMError, Scope.Scope>

// Far more than the JSON of an error; a longer body is a page or an attack.
const maxErrorBytes = 64 * 1024

/** Makes the sender of one provider and protocol. */
export const sender = (runtime: ProviderRuntime, errors: ErrorReader): Send => {
  const request = requester(runtime, errors)
  return ({ encoded, ...options }) =>
    Effect.flatMap(encodeRequest(runtime, encoded, options.context), (outgoing) => request(outgoing, options))
}

/** Makes what sends any request to one provider, whose errors a protocol reads. */
export const requester = (runtime: ProviderRuntime, errors: ErrorReader) => {
  const execute = executor(runtime)
  const { onUnauthorized } = runtime.auth
  return (
    request: OutgoingRequest,
    { context, isStream, timeouts = {}, onRateLimits, observer }: RequestOptions
  ): Effect.Effect<Received, LLMError, Scope.Scope> =>
    Effect.gen(function* () {
      const problem = timeoutsProblem(timeouts)
      if (problem !== undefined) return yield* invalid(context, problem)
      const timers = new StreamTimers(yield* Effect.clock, timeouts, isStream)
      const services = yield* Effect.context<Scope.Scope>()
      yield* timers.watch(Context.get(services, Scope.Scope))
      const sending = { request, context, observer, timers, services }
      observer?.onEvent({ type: "request", server: runtime.endpoint.server })
      const first = yield* execute(sending)
      const refresh = first.status === 401 ? onUnauthorized : undefined
      // Read to free the socket; the text is not needed.
      if (refresh !== undefined) yield* readErrorText({ ...first, timers })
      const { status, headers, body } = refresh === undefined ? first : yield* execute(sending, refresh)
      const received = { body, context: { ...context, status, headers }, timers }
      const rateLimits = onRateLimits && RateLimitHeaders.read(headers)
      if (rateLimits !== undefined) yield* onRateLimits?.(rateLimits) ?? Effect.void
      if (status >= 200 && status < 300) return received
      return yield* Effect.flatMap(rejection(errors, received, status), Effect.fail)
    })
}

const encodeRequest = (
  { endpoint }: ProviderRuntime,
  { path, body }: Encoded,
  context: httpErrors.RequestContext
): Either.Either<OutgoingRequest, ValidationError> =>
  Either.fromNullable(toJsonText(body), () =>
    invalid(
      context,
      `the request contains a value that JSON cannot express (a cycle, a bigint or more than ${maxJsonDepth} levels); remove it`
    )
  ).pipe(
    Either.map((text) => ({
      method: "POST",
      url: endpoint.urlOf(path, context.model),
      body: HttpBody.text(text, "application/json")
    }))
  )

/** The error of a response without a 2xx status. */
const rejection = (
  errors: ErrorReader,
  received: Received,
  status: number
): Effect.Effect<LLMError, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { context } = received
    // Browsers show a page only that there was a redirect, with the status 0: https://fetch.spec.whatwg.org/#atomic-http-redirect-handling
    if (status === 0) return httpErrors.redirected(context)
    if (status < 300) return httpErrors.malformed(context, `it has the status ${status} instead of a response`)
    if (status < 400) return httpErrors.redirected(context)
    const body = yield* readErrorText(received)
    const text = httpErrors.isEncoded(body, context) ? "" : body
    return httpErrors.reported(context, errors.reportedError(parseJson(text)) ?? { message: text, codes: [] })
  })

/** Reads at most `maxErrorBytes` of the body of an error; an unread body would keep its socket open. */
const readErrorText = ({
  body,
  timers
}: Pick<Received, "body" | "timers">): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function* () {
    timers.startIdle()
    return (yield* Body.readText(
      timed(yield* body, timers, () => {}),
      maxErrorBytes
    )).text
  })

/** A body whose reads are timed: an expired timeout breaks it. */
export const timed = (
  body: Body.Body,
  timers: StreamTimers,
  onExpired: (timeout: TimeoutName, afterMillis: number) => void
): Body.Body => ({
  next: (onBytes, onBroken) => {
    timers.start((timeout, afterMillis) => {
      onExpired(timeout, afterMillis)
      onBroken(undefined)
    })
    body.next(
      (bytes) => {
        timers.stop()
        onBytes(bytes)
      },
      (cause) => {
        timers.stop()
        onBroken(cause)
      }
    )
  }
})

/** Reads from a body until a timeout expires, which is then the error. */
const readTimed = <A>(
  body: Body.Body,
  { context, timers }: Received,
  read: (body: Body.Body) => Effect.Effect<A>
): Effect.Effect<A, LLMError> =>
  Effect.suspend(() => {
    let expired: LLMError | undefined
    const reading = timed(body, timers, (timeout, afterMillis) => {
      expired = httpErrors.timedOut(context, timeout, afterMillis)
    })
    return Effect.flatMap(read(reading), (value) =>
      expired === undefined ? Effect.succeed(value) : Effect.fail(expired)
    )
  })

/** Waits for the first read of a body that may be one JSON, or events. */
export const beginBody = (body: Body.Body, received: Received) =>
  Effect.map(readTimed(body, received, Body.begin), (begun) => ({
    beginsEvents: holdsEvents.test(new TextDecoder().decode(begun.first?.subarray(0, 2000))),
    body: Body.fromBegin(begun, body)
  }))

/** Reads the body of a non-streaming response as JSON, or as text if it holds server-sent events. */
export const readJson = (
  body: Body.Body,
  received: Received,
  maxResponseBytes: number
): Effect.Effect<unknown, LLMError> => {
  const maxBytes = Math.min(maxResponseBytes, Body.maxTextBytes)
  return Effect.flatMap(
    readTimed(body, received, (timedBody) => Body.readText(timedBody, maxBytes)),
    (read) => jsonOf(read, received.context, maxBytes)
  )
}

/** The beginning of a body of events, or of comments before one JSON. */
const holdsEvents = /^\s{0,1000}(?:(?:data|event|id|retry) ?)?:/i

/** The end of a body of one JSON to which a gateway has added the end marker of a stream. */
const endsAsEvents = /\ndata: ?\[DONE\]\s*$/

const jsonOf = (
  { text, end }: Body.Text,
  context: httpErrors.RequestContext,
  maxBytes: number
): Effect.Effect<unknown, LLMError> => {
  const json = end === "clean" ? parseJson(text) : undefined
  if (json !== undefined) return Effect.succeed(json)
  if (end === "clean" && (holdsEvents.test(text) || endsAsEvents.test(text.slice(-100)))) return Effect.succeed(text)
  if (end === "tooLarge") return httpErrors.tooLarge(context, "response", maxBytes)
  if (end === "compressed") return httpErrors.compressed(context)
  if (httpErrors.isPage(text)) return httpErrors.page(context)
  if (httpErrors.isEncoded(text, context)) return httpErrors.compressed(context)
  // A body that begins as JSON and is not valid JSON was truncated.
  return end === "broken" || text === "" || /^\s*[[{]/.test(text)
    ? httpErrors.incomplete(context)
    : httpErrors.malformed(context, "it is not JSON")
}
