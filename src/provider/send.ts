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
import type { Encoded } from "../protocol/Protocol.js"
import type { Clock } from "../domain/ErrorFields.js"
import { type LLMError, ValidationError } from "../domain/LLMError.js"
import * as Body from "../http/Body.js"
import type { FailureRules, ReportedError } from "../http/errorClassification.js"
import * as HttpFailure from "../http/httpErrors.js"
import { parseJson } from "../http/Json.js"
import type { Clocks } from "./StreamTimers.js"
import type { Bounds, Connection } from "./Endpoint.js"
import type { Limits } from "./Timeouts.js"

/** A response with a 2xx status, and what errors may say of it. */
export interface Received {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly exchange: TimedExchange
}

/** An exchange whose answer has to be there by a time when it comes in one piece. */
export interface TimedExchange extends HttpFailure.Exchange {
  readonly deadline: { readonly clock: Clock; readonly afterMillis: number; readonly at: number }
}

// An error is a sentence; more is a page or an attack.
const maxErrorBytes = 64 * 1024

/** How a protocol words its errors; every protocol is one. */
export interface ErrorReader {
  readonly reportedError: (body: unknown) => ReportedError | undefined
  readonly failureRules: FailureRules
}

/** Sends a request, a streamed one under its clocks; the response lives until the scope closes, which closes the socket. */
export type Post = (
  encoded: Encoded,
  exchange: HttpFailure.Exchange,
  limits: Limits,
  clocks?: Clocks
) => Effect.Effect<Received, LLMError, Scope.Scope>

/** Makes the sender of one connection; what is no 2xx response fails with the error that it reports. */
export const poster = (errors: ErrorReader, connection: Connection, client: HttpClient.HttpClient): Post => {
  const send = sender(client, connection)
  return (encoded, exchange, limits, clocks) =>
    Effect.gen(function* () {
      const body = yield* encodeBody(encoded, exchange)
      const sentAt = (yield* Effect.clock).unsafeCurrentTimeMillis()
      const expired = (clock: Clock, afterMillis: number) => HttpFailure.timedOut(exchange, clock, afterMillis)
      const sent = send(encoded.path, body, exchange)
      const { response, exchange: answered } =
        clocks === undefined
          ? yield* Effect.timeoutFail(sent, {
              duration: limits.total,
              onTimeout: () => expired("total", limits.total)
            })
          : yield* clocks.forHeaders(sent, expired)
      // An answer in one piece is first content as a whole.
      const isFirst = clocks !== undefined && limits.firstContent <= limits.total
      const [last, afterMillis]: readonly [Clock, number] = isFirst
        ? ["firstContent", limits.firstContent]
        : ["total", limits.total]
      const deadline = { clock: last, afterMillis, at: sentAt + afterMillis }
      const received = { response, exchange: { ...answered, deadline } }
      if (response.status >= 200 && response.status < 300) return received
      return yield* yield* rejection(errors, received, limits)
    })
}

/** What can be said of an exchange before there is a response; `sent` is what errors must not repeat. */
export const begin = (connection: Connection, model: string, sent: unknown): HttpFailure.Exchange => ({
  provider: connection.provider,
  model,
  headers: {},
  keys: Redacted.value(connection.secrets),
  texts: () => textsIn(sent)
})

/** A request that cannot be sent as it is. */
export const invalid = (exchange: HttpFailure.Exchange, problem: string): ValidationError =>
  new ValidationError({ ...HttpFailure.about(exchange), message: `${exchange.provider}: ${problem}` })

/** Reads the body of a whole answer as JSON, as long as its clock runs. */
export const readAnswer = (
  body: Body.Body,
  exchange: TimedExchange,
  { maxAnswerBytes }: Bounds
): Effect.Effect<unknown, LLMError> =>
  Effect.flatMap(timeLeft(exchange), (duration) =>
    Effect.timeoutFail(readJson(body, exchange, Math.min(maxAnswerBytes, Body.longestText)), {
      duration,
      onTimeout: () => HttpFailure.timedOut(exchange, exchange.deadline.clock, exchange.deadline.afterMillis)
    })
  )

const timeLeft = ({ deadline }: TimedExchange): Effect.Effect<number> =>
  Effect.map(Effect.clock, (clock) => Math.max(0, deadline.at - clock.unsafeCurrentTimeMillis()))

const readJson = (
  body: Body.Body,
  exchange: HttpFailure.Exchange,
  maxBytes: number
): Effect.Effect<unknown, LLMError> =>
  Effect.flatMap(Body.readText(body, maxBytes), ({ text, end }): Effect.Effect<unknown, LLMError> => {
    const json = end === "clean" ? parseJson(text) : undefined
    if (json !== undefined) return Effect.succeed(json)
    if (end === "tooLarge") return HttpFailure.tooLarge(exchange, "an answer", maxBytes)
    if (end === "compressed") return HttpFailure.compressed(exchange)
    if (HttpFailure.isPage(text)) return HttpFailure.page(exchange)
    // What begins as JSON and does not end as it has been cut.
    return end === "broken" || text === "" || /^\s*[[{]/.test(text)
      ? HttpFailure.truncated(exchange, 0)
      : HttpFailure.malformed(exchange, "it is no JSON")
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
  return (path: string, body: HttpBody.HttpBody, exchange: HttpFailure.Exchange) =>
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
        Effect.mapError((error) => HttpFailure.unreachable(exchange, error))
      )
      return { response, exchange: { ...exchange, status: response.status, headers: response.headers } }
    })
}

const encodeBody = (
  encoded: Encoded,
  exchange: HttpFailure.Exchange
): Either.Either<HttpBody.Uint8Array, ValidationError> =>
  Either.try({
    try: () => HttpBody.text(JSON.stringify(encoded.body), "application/json"),
    catch: () => invalid(exchange, "the request holds something that is no JSON (a cycle or a bigint)")
  })

/** The error that a response with another status is; its body is read, bounded, and thereby released. */
const rejection = (
  errors: ErrorReader,
  { response, exchange }: Received,
  limits: Limits
): Effect.Effect<LLMError, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (response.status < 400) return HttpFailure.redirected(exchange)
    const text = yield* Effect.flatMap(Body.open(response), (body) => Body.readText(body, maxErrorBytes)).pipe(
      Effect.timeoutTo({
        duration: Math.min(limits.idle, yield* timeLeft(exchange)),
        onTimeout: () => "",
        onSuccess: (read) => read.text
      })
    )
    if (response.status >= 500 && HttpFailure.isPage(text)) return HttpFailure.page(exchange)
    const words = HttpFailure.isPage(text) ? "" : text
    const error = errors.reportedError(parseJson(text)) ?? { message: words, codes: [] }
    return HttpFailure.reported(exchange, error, errors.failureRules)
  })

/** Every text that was sent, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}
