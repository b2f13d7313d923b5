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
import type { Dialect, Encoded } from "../dialect/Dialect.js"
import { type ChatRequest, check } from "../domain/ChatRequest.js"
import { type Clock, type LLMError, ValidationError } from "../domain/LLMError.js"
import * as Body from "../wire/Body.js"
import * as HttpFailure from "../wire/HttpFailure.js"
import { parseJson } from "../wire/Json.js"
import type { Connection } from "./Connection.js"
import type { Limits } from "./Timeouts.js"

/** A response with a 2xx status, and what errors may say of it. */
export interface Received {
  readonly response: HttpClientResponse.HttpClientResponse
  readonly exchange: HttpFailure.Exchange
}

// An error is a sentence; more is a page or an attack.
const maxErrorBytes = 64 * 1024

// Far beyond any answer, images included.
const maxAnswerBytes = 64 * 1024 * 1024

/** Checks, encodes and sends a request; the response lives until the scope closes, which closes the socket. */
export const opener = <Event, State>(
  dialect: Dialect<Event, State>,
  connection: Connection,
  client: HttpClient.HttpClient
) => {
  const send = sender(client, connection)
  return (request: ChatRequest, isStream: boolean, limits: Limits): Effect.Effect<Received, LLMError, Scope.Scope> =>
    Effect.gen(function* () {
      const checked = yield* check(request, connection.provider)
      const exchange = begin(connection, checked)
      const model = checked.model
      if (model === undefined) return yield* invalid(exchange, "no model is named; set one in the layer or the request")
      const encoded = yield* Either.mapLeft(dialect.encode({ ...checked, model }, isStream), (problem) =>
        invalid(exchange, problem)
      )
      const body = yield* encodeBody(encoded, exchange)
      const [clock, millis] = firstClock(limits, isStream)
      const received = yield* Effect.timeoutFail(send(encoded.path, body, exchange), {
        duration: millis,
        onTimeout: () => HttpFailure.timedOut(exchange, clock, millis)
      })
      const { status } = received.response
      if (status >= 200 && status < 300) return received
      return yield* yield* rejection(dialect, received, limits)
    })
}

/** Reads the body of a whole answer as JSON. */
export const readAnswer = (body: Body.Body, exchange: HttpFailure.Exchange): Effect.Effect<unknown, LLMError> =>
  Effect.flatMap(Body.readText(body, maxAnswerBytes), ({ text, isWhole }): Effect.Effect<unknown, LLMError> => {
    const json = isWhole ? parseJson(text) : undefined
    if (json !== undefined) return Effect.succeed(json)
    if (HttpFailure.isPage(text)) return HttpFailure.page(exchange)
    // What begins as JSON and does not end as it has been cut.
    return !isWhole || text === "" || /^\s*[[{]/.test(text)
      ? HttpFailure.truncated(exchange, 0)
      : HttpFailure.malformed(exchange, "it is no JSON")
  })

/** What can be said of an exchange before there is a response. */
const begin = (connection: Connection, request: ChatRequest): HttpFailure.Exchange => ({
  provider: connection.provider,
  model: request.model ?? "",
  headers: {},
  keys: Redacted.value(connection.secrets),
  texts: () => textsIn(request.messages)
})

const invalid = (exchange: HttpFailure.Exchange, problem: string): ValidationError =>
  new ValidationError({ ...HttpFailure.about(exchange), message: `${exchange.provider}: ${problem}` })

/** The clock that runs out first while there is no response. A whole answer has only the total. */
const firstClock = (limits: Limits, isStream: boolean): readonly [Clock, number] => {
  const clocks: ReadonlyArray<Clock> = isStream ? ["headers", "firstContent", "total"] : ["total"]
  const first = clocks.reduce((soonest, clock) => (limits[clock] < limits[soonest] ? clock : soonest))
  return [first, limits[first]]
}

const sender = (client: HttpClient.HttpClient, connection: Connection) => {
  // Without propagation: a provider has no use for trace headers, and browsers' CORS may refuse them.
  const scoped = client.pipe(HttpClient.withScope, HttpClient.withTracerPropagation(false))
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
const rejection = <Event, State>(
  dialect: Dialect<Event, State>,
  { response, exchange }: Received,
  limits: Limits
): Effect.Effect<LLMError, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (response.status < 400) return HttpFailure.redirected(exchange)
    const { text } = yield* Effect.flatMap(Body.open(response), (body) => Body.readText(body, maxErrorBytes)).pipe(
      Effect.timeoutTo({ duration: limits.idle, onTimeout: () => ({ text: "" }), onSuccess: (read) => read })
    )
    if (response.status >= 500 && HttpFailure.isPage(text)) return HttpFailure.page(exchange)
    const words = HttpFailure.isPage(text) ? "" : text
    const error = dialect.reportedError(parseJson(text)) ?? { message: words, codes: [] }
    return HttpFailure.reported(exchange, error, dialect.failureRules)
  })

/** Every text that was sent, however deep. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}
