/** Reports failures to HTTP clients: as the status of the response, or as the JSON of an event. */
import { HttpServerResponse } from "@effect/platform"
import { Cause, Duration, Either, Schema } from "effect"
import { isLLMError, isTransient, LLMError, NetworkError } from "../domain/LLMError.js"

const encode = Schema.encodeSync(LLMError.schema)

/**
 * The failure to report. A defect, or a stream that interrupted itself, becomes a generic server error, because its message
 * may contain secrets.
 */
export const failureOf = (cause: Cause.Cause<unknown>): LLMError =>
  Either.match(Cause.failureOrCause(cause), {
    onLeft: (error) => (isLLMError(error) ? error : unexpected()),
    onRight: unexpected
  })

/** Whether a cause is an `LLMError`, which is reported as it is. */
export const isExpected = (cause: Cause.Cause<unknown>): boolean =>
  Either.match(Cause.failureOrCause(cause), { onLeft: isLLMError, onRight: () => false })

const unexpected = (): LLMError =>
  new NetworkError({
    provider: "",
    model: "",
    reason: "Server",
    message: "the server failed while it relayed the response; see the log of the server"
  })

/** The JSON of a failure: its tag and its fields, durations in milliseconds. No field has a key, prompt or response. */
export const toJson = (error: LLMError): unknown => encode(error)

/** The HTTP response for a failure before anything was sent, with the same JSON as the event. */
export const toResponse = (error: LLMError): HttpServerResponse.HttpServerResponse => {
  const wait = isTransient(error) ? error.retryAfter : undefined
  return HttpServerResponse.unsafeJson(toJson(error), {
    status: statusOf(error),
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
