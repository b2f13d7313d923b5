/** Reports failures to HTTP clients: as the status of the response, or as the JSON of an event. */
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { isLLMError, LLMError, NetworkError, ValidationError } from "../domain/LLMError.js"
import { withoutProviderMessage } from "../domain/providerMessage.js"

const encode = Schema.encodeSync(LLMError.schema)

/** The failures that are reported without a conversion: those of a client, and of a request that cannot be read. */
export type KnownError = LLMError | ParseResult.ParseError | HttpServerError.RequestError

/** Converts a failure to the one that the client gets, alone or with the status of the response. */
export type OnError<E> = (error: E) => LLMError | ErrorWithStatus

/** A failure with the status of its response. */
export interface ErrorWithStatus {
  /** The HTTP status, if nothing was sent before. */
  readonly status: number
  /** What the client gets as JSON. */
  readonly error: LLMError
}

/** A failure to report. */
export interface Failure extends ErrorWithStatus {
  /** `false` for a failure that must be logged, because the client gets no details. */
  readonly isExpected: boolean
  /** The failure with what the provider says, for the log, if the client gets it without. */
  readonly complete?: LLMError | undefined
}

/** What clients get of failures. */
export interface FailureOptions {
  /**
   * Whether clients get what the provider says of a failure, which can name your account or organization. By default they
   * get the class, a sentence of this library, `retryable` and `retryAfter`, and the log has the rest.
   */
  readonly providerMessages?: boolean | undefined
}

/** What is done with failures. */
export interface FailureHandling<E> extends FailureOptions {
  readonly onError?: OnError<E> | undefined
}

/**
 * The failure to report. A defect, or a stream that interrupted itself, becomes a generic server error, because its message
 * may contain secrets.
 */
export const failureOf = <E>(
  cause: Cause.Cause<E>,
  { onError, providerMessages }: FailureHandling<E> = {}
): Failure => {
  const failure = completeFailureOf(cause, onError)
  const error = clientErrorOf(failure.error, { providerMessages })
  return error === failure.error ? failure : { ...failure, error, complete: failure.error }
}

/** The error that clients get. */
export const clientErrorOf = (error: LLMError, { providerMessages = false }: FailureOptions): LLMError =>
  providerMessages ? error : withoutProviderMessage(error)

const completeFailureOf = <E>(cause: Cause.Cause<E>, onError: OnError<E> | undefined): Failure => {
  const reported = Either.match(Cause.failureOrCause(cause), {
    onLeft: (error) => (onError === undefined ? known(error) : converted(onError, error)),
    onRight: () => undefined
  })
  if (reported === undefined) return { error: unexpected, status: 500, isExpected: false }
  return "error" in reported ? { ...reported, isExpected: true } : ofError(reported)
}

/**
 * Logs what the client cannot fix or does not get: a bad key, an empty account, a provider that is down or what a provider
 * says as one line, and a failure that the client gets without details with its cause.
 */
export const logFailure = (
  { error, complete, status, isExpected }: Failure,
  cause: Cause.Cause<unknown>
): Effect.Effect<void> => {
  if (!isExpected) return Effect.logError("a stream sent as server-sent events failed unexpectedly", cause)
  if (status < 500 && complete === undefined) return Effect.void
  return Effect.logWarning(`a response failed: ${error._tag}: ${(complete ?? error).message}`)
}

const ofError = (error: LLMError): Failure => ({ error, status: statusOf(error), isExpected: true })

// A conversion that throws is a defect of the caller, which must not end the process.
const converted = <E>(onError: OnError<E>, error: E): LLMError | ErrorWithStatus | undefined =>
  Either.getOrUndefined(Either.try(() => onError(error)))

const known = (error: unknown): LLMError | undefined => {
  if (isLLMError(error)) return error
  if (ParseResult.isParseError(error)) {
    const where = ParseResult.ArrayFormatter.formatErrorSync(error)[0]?.path.map(String).join(".") ?? ""
    return badRequest(`the request does not match its schema${where === "" ? "" : ` at ${where}`}; correct it`)
  }
  return Predicate.isTagged(error, "RequestError")
    ? badRequest("the body of the request cannot be read; send valid JSON")
    : undefined
}

const badRequest = (message: string): ValidationError => new ValidationError({ provider: "", model: "", message })

const unexpected: LLMError = new NetworkError({
  provider: "",
  model: "",
  reason: "Server",
  message: "the server failed while it relayed the response; see the log of the server"
})

/** The JSON of a failure: its tag and its fields, durations in milliseconds. No field has a key, prompt or response. */
export const toJson = (error: LLMError): unknown => encode(error)

/** The HTTP response for a failure before anything was sent, with the same JSON as the event. */
export const toResponse = ({ error, status }: ErrorWithStatus): HttpServerResponse.HttpServerResponse => {
  const wait = LLMError.retryAfter(error)
  return HttpServerResponse.unsafeJson(toJson(error), {
    status,
    headers: {
      "cache-control": "no-store",
      ...(wait === undefined ? {} : { "retry-after": String(Math.ceil(Duration.toSeconds(wait))) })
    }
  })
}

// 4xx is for errors that the client can fix. A bad key or exhausted credit is a server-side problem: 500.
const statusOf = (error: LLMError): number => {
  switch (error._tag) {
    case "RateLimitError":
      return error.reason === "RateLimit" ? 429 : 503
    case "NetworkError":
      if (error.reason === "Timeout") return 504
      // Without a provider, this server failed itself, so 502 (Bad Gateway) would be wrong.
      return error.provider === "" ? 500 : 502
    case "ValidationError":
    case "ModelNotFoundError":
      return 400
    case "ContextWindowExceededError":
      return 413
    case "AuthenticationError":
    case "InsufficientCreditsError":
      return 500
    case "ProviderError":
      return 502
  }
}
