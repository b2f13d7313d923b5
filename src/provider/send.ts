/** One request and the head of its response, with nothing of it left to leak. */
import {
  FetchHttpClient,
  Headers,
  HttpBody,
  HttpClient,
  HttpClientRequest,
  type HttpClientResponse
} from "@effect/platform"
import { Effect, Either, Option, Redacted, type Scope } from "effect"
import type { Clock } from "../domain/ErrorFields.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import * as Body from "../http/Body.js"
import type { ErrorRules, ReportedError } from "../http/errorClassification.js"
import * as httpErrors from "../http/httpErrors.js"
import { parseJson } from "../http/Json.js"
import type { Encoded } from "../protocol/Protocol.js"
import type { Connection, SizeLimits } from "./Endpoint.js"
import type { StreamTimers } from "./StreamTimers.js"
import type { TimeoutMillis } from "./Timeouts.js"

/** A response with a 2xx status, and what errors may say of it. */
export interface Received {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly context: TimedRequestContext
}

/** An context whose answer has to be there by a time when it comes in one piece. */
export interface TimedRequestContext extends httpErrors.RequestContext {
  readonly deadline: { readonly clock: Clock; readonly afterMillis: number; readonly at: number }
}

// An error is a sentence; more is a page or an attack.
const maxErrorBytes = 64 * 1024

/** How a protocol words its errors; every protocol is one. */
export interface ErrorReader {
  readonly reportedError: (body: unknown) => ReportedError | undefined
  readonly errorRules: ErrorRules
}

/** Sends a request, a streamed one under its timers; the response lives until the scope closes, which closes the socket. */
export type Post = (
  encoded: Encoded,
  context: httpErrors.RequestContext,
  limits: TimeoutMillis,
  timers?: StreamTimers
) => Effect.Effect<Received, LLMError, Scope.Scope>

/** Makes the sender of one connection; what is no 2xx response fails with the error that it reports. */
export const poster = (errors: ErrorReader, connection: Connection, client: HttpClient.HttpClient): Post => {
  const send = sender(client, connection)
  return (encoded, context, limits, timers) =>
    Effect.gen(function* () {
      const body = yield* encodeBody(encoded, context)
      const sentAt = (yield* Effect.clock).unsafeCurrentTimeMillis()
      const expired = (clock: Clock, afterMillis: number) => httpErrors.timedOut(context, clock, afterMillis)
      const sent = send(encoded.path, body, context)
      const { response, context: answered } =
        timers === undefined
          ? yield* Effect.timeoutFail(sent, {
              duration: limits.total,
              onTimeout: () => expired("total", limits.total)
            })
          : yield* timers.forHeaders(sent, expired)
      // An answer in one piece is first content as a whole.
      const isFirst = timers !== undefined && limits.firstContent <= limits.total
      const [last, afterMillis]: readonly [Clock, number] = isFirst
        ? ["firstContent", limits.firstContent]
        : ["total", limits.total]
      const deadline = { clock: last, afterMillis, at: sentAt + afterMillis }
      const received = { response, context: { ...answered, deadline } }
      if (response.status >= 200 && response.status < 300) return received
      return yield* yield* rejection(errors, received, limits)
    })
}

/** What can be said of an context before there is a response; `sent` is what errors must not repeat. */
export const begin = (connection: Connection, model: string, sent: unknown): httpErrors.RequestContext => ({
  provider: connection.provider,
  model,
  headers: {},
  keys: Redacted.value(connection.secrets),
  texts: () => textsIn(sent)
})

/** A request that cannot be sent as it is. */
export const invalid = (context: httpErrors.RequestContext, problem: string): ValidationError =>
  new ValidationError({ ...httpErrors.about(context), message: `${context.provider}: ${problem}` })

/** Reads the body of a whole answer as JSON, as long as its clock runs. */
export const readAnswer = (
  body: Body.Body,
  context: TimedRequestContext,
  { maxAnswerBytes }: SizeLimits
): Effect.Effect<unknown, LLMError> =>
  Effect.flatMap(timeLeft(context), (duration) =>
    Effect.timeoutFail(readJson(body, context, Math.min(maxAnswerBytes, Body.longestText)), {
      duration,
      onTimeout: () => httpErrors.timedOut(context, context.deadline.clock, context.deadline.afterMillis)
    })
  )

const timeLeft = ({ deadline }: TimedRequestContext): Effect.Effect<number> =>
  Effect.map(Effect.clock, (clock) => Math.max(0, deadline.at - clock.unsafeCurrentTimeMillis()))

const readJson = (
  body: Body.Body,
  context: httpErrors.RequestContext,
  maxBytes: number
): Effect.Effect<unknown, LLMError> =>
  Effect.flatMap(Body.readText(body, maxBytes), ({ text, end }): Effect.Effect<unknown, LLMError> => {
    const json = end === "clean" ? parseJson(text) : undefined
    if (json !== undefined) return Effect.succeed(json)
    if (end === "tooLarge") return httpErrors.tooLarge(context, "an answer", maxBytes)
    if (end === "compressed") return httpErrors.compressed(context)
    if (httpErrors.isPage(text)) return httpErrors.page(context)
    // What begins as JSON and does not end as it has been cut.
    return end === "broken" || text === "" || /^\s*[[{]/.test(text)
      ? httpErrors.truncated(context, 0)
      : httpErrors.malformed(context, "it is no JSON")
  })

const sender = (client: HttpClient.HttpClient, connection: Connection) => {
  // Not traced by the platform: its span ends with an error that holds the request and with it the key, and its trace
  // headers are of no use to a provider and refused by browsers' CORS.
  const scoped = client.pipe(
    HttpClient.withScope,
    HttpClient.withTracerDisabledWhen(() => true)
  )
  const headers = Redacted.value(connection.headers)
  const redactedNames = Object.keys(headers)
  return (path: string, body: HttpBody.HttpBody, context: httpErrors.RequestContext) =>
    Effect.gen(function* () {
      const init = yield* Effect.serviceOption(FetchHttpClient.RequestInit)
      const response = yield* HttpClientRequest.post(`${connection.baseUrl}${path}`, {
        body,
        // The Node and Undici clients do not decompress.
        headers: { "accept-encoding": "identity", ...headers }
      }).pipe(
        scoped.execute,
        Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, ...redactedNames]),
        // A redirect would take the key and the prompt to another host.
        Effect.provideService(FetchHttpClient.RequestInit, { ...Option.getOrUndefined(init), redirect: "manual" }),
        Effect.mapError((error) => httpErrors.unreachable(context, error))
      )
      return { response, context: { ...context, status: response.status, headers: response.headers } }
    })
}

const encodeBody = (
  encoded: Encoded,
  context: httpErrors.RequestContext
): Either.Either<HttpBody.Uint8Array, ValidationError> =>
  Either.try({
    try: () => HttpBody.text(JSON.stringify(encoded.body), "application/json"),
    catch: () => invalid(context, "the request holds something that is no JSON (a cycle or a bigint)")
  })

/** The error that a response with another status is; its body is read, bounded, and thereby released. */
const rejection = (
  errors: ErrorReader,
  { response, context }: Received,
  limits: TimeoutMillis
): Effect.Effect<LLMError, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (response.status < 400) return httpErrors.redirected(context)
    const text = yield* Effect.flatMap(Body.open(response), (body) => Body.readText(body, maxErrorBytes)).pipe(
      Effect.timeoutTo({
        duration: Math.min(limits.idle, yield* timeLeft(context)),
        onTimeout: () => "",
        onSuccess: (read) => read.text
      })
    )
    if (response.status >= 500 && httpErrors.isPage(text)) return httpErrors.page(context)
    const words = httpErrors.isPage(text) ? "" : text
    const error = errors.reportedError(parseJson(text)) ?? { message: words, codes: [] }
    return httpErrors.reported(context, error, errors.errorRules)
  })

/** Every text that was sent, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}
