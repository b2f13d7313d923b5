/** Converts an LLMError to the error of @effect/ai, with the LLMError as its cause. */
import * as AiError from "@effect/ai/AiError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { isLLMError, LLMError } from "../../domain/LLMError.js"

/** The module name in errors. */
const module = "llm-connectivity/EffectAi"

/** Reads the `LLMError` from an error of @effect/ai, for example for `isRetryable`; `undefined` when it has none. */
export const errorOf = (error: AiError.AiError): LLMError | undefined =>
  "cause" in error && isLLMError(error.cause) ? error.cause : undefined

/** Converts a failure to the closest error of @effect/ai. */
export const aiErrorOf = (error: LLMError, method: string): AiError.AiError => {
  switch (error._tag) {
    case "ValidationError":
    case "ContextWindowExceededError":
      return new AiError.MalformedInput({ module, method, description: error.message, cause: error })
    case "NetworkError":
      return error.reason === "Server" ? statusError(error, method, 500) : connectionError(error, method)
    case "RateLimitError":
      return statusError(error, method, error.reason === "Overloaded" ? 503 : 429)
    case "AuthenticationError":
      return statusError(error, method, 401)
    case "InsufficientCreditsError":
      return statusError(error, method, 402)
    case "ModelNotFoundError":
      return statusError(error, method, 404)
    case "ProviderError":
      return isErrorStatus(error.status)
        ? statusError(error, method, error.status)
        : new AiError.MalformedOutput({ module, method, description: error.message, cause: error })
    default:
      return error satisfies never
  }
}

/** An `LLMError` has no request; the URL is replaced by the provider and the model. */
const requestOf = ({ provider, model }: LLMError): typeof AiError.HttpRequestDetails.Type => ({
  method: "POST",
  url: `${provider}/${model}`,
  urlParams: [],
  hash: Option.none(),
  headers: {}
})

const connectionError = (error: LLMError, method: string): AiError.HttpRequestError =>
  new AiError.HttpRequestError({
    module,
    method,
    reason: "Transport",
    request: requestOf(error),
    description: error.message,
    cause: error
  })

const isErrorStatus = (status: number | undefined): status is number => status !== undefined && status >= 400

/** A failure inside a stream came with status 200; it gets the usual status of its class. */
const statusError = (error: LLMError, method: string, usual: number): AiError.HttpResponseError => {
  const status = isErrorStatus(error.status) ? error.status : usual
  const wait = LLMError.retryAfter(error)
  const response = new AiError.HttpResponseError({
    module,
    method,
    reason: "StatusCode",
    request: requestOf(error),
    response: {
      status,
      headers: {
        ...(wait === undefined ? {} : { "retry-after": String(Math.ceil(Duration.toSeconds(wait))) }),
        ...(error.requestId === undefined ? {} : { "x-request-id": error.requestId })
      }
    },
    description: error.message
  })
  // HttpResponseError has no field for a cause.
  return Object.assign(response, { cause: error })
}
