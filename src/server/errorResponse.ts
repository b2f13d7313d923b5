/** A failure as a web page is told of it: by the status of the response, or else by an event. */
import { HttpServerResponse } from "@effect/platform"
import { Cause, Duration, Either, Schema } from "effect"
import { isLLMError, isTransient, LLMError, NetworkError } from "../domain/LLMError.js"

const encode = Schema.encodeSync(LLMError.schema)

/**
 * The failure to tell of. What nobody expected (a defect, or a stream that interrupted itself) is only told as such, as
 * it may say anything.
 */
export const failureOf = (cause: Cause.Cause<unknown>): LLMError =>
  Either.match(Cause.failureOrCause(cause), {
    onLeft: (error) => (isLLMError(error) ? error : unexpected()),
    onRight: unexpected
  })

/** Says whether a cause is a failure that is told as it is. */
export const isExpected = (cause: Cause.Cause<unknown>): boolean =>
  Either.match(Cause.failureOrCause(cause), { onLeft: isLLMError, onRight: () => false })

const unexpected = (): LLMError =>
  new NetworkError({
    provider: "",
    model: "",
    reason: "Server",
    message: "the server that passes the answer on failed; its log says why"
  })

/** The JSON of a failure: its tag and its fields, durations in milliseconds. None has a key, a prompt or an answer. */
export const toJson = (error: LLMError): unknown => encode(error)

/** The response to a failure before anything was sent, with the same JSON as its event. */
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

/** 4xx is for who asks us to mend; a wrong key or an empty account is ours. */
const statusOf = (error: LLMError): number => {
  switch (error._tag) {
    case "RateLimitError":
      return error.reason === "RateLimit" ? 429 : 503
    case "NetworkError":
      if (error.reason === "Timeout") return 504
      // Where nobody had been asked, no gateway was bad.
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
