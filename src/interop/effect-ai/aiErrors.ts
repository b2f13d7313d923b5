/** Tells programs of @effect/ai of our failures in its own errors, with ours as their cause. */
import * as AiError from "@effect/ai/AiError"
import { Duration, Option } from "effect"
import { isLLMError, type LLMError } from "../../domain/LLMError.js"

/** The name under which errors say that they are ours. */
const module = "llm-connectivity/EffectAi"

/** Reads our failure from one of @effect/ai's, to ask it whether trying again helps; `undefined` where it has none. */
export const errorOf = (error: AiError.AiError): LLMError | undefined =>
  "cause" in error && isLLMError(error.cause) ? error.cause : undefined

/** Finds the error of @effect/ai that programs expect for a failure. */
export const aiErrorOf = (error: LLMError, method: string): AiError.AiError => {
  switch (error._tag) {
    case "ValidationError":
    case "ContextWindowExceededError":
      return new AiError.MalformedInput({ module, method, description: error.message, cause: error })
    case "NetworkError":
      return error.reason === "Server" ? refused(error, method, 500) : unreached(error, method)
    case "RateLimitError":
      return refused(error, method, error.reason === "Overloaded" ? 503 : 429)
    case "AuthenticationError":
      return refused(error, method, 401)
    case "InsufficientCreditsError":
      return refused(error, method, 402)
    case "ModelNotFoundError":
      return refused(error, method, 404)
    case "ProviderError":
      return isRefusal(error.status)
        ? refused(error, method, error.status)
        : new AiError.MalformedOutput({ module, method, description: error.message, cause: error })
    default:
      return error satisfies never
  }
}

/** Our errors hold no request: who was asked stands where its address would. */
const requestOf = ({ provider, model }: LLMError): typeof AiError.HttpRequestDetails.Type => ({
  method: "POST",
  url: `${provider}/${model}`,
  urlParams: [],
  hash: Option.none(),
  headers: {}
})

const unreached = (error: LLMError, method: string): AiError.HttpRequestError =>
  new AiError.HttpRequestError({
    module,
    method,
    reason: "Transport",
    request: requestOf(error),
    description: error.message,
    cause: error
  })

const isRefusal = (status: number | undefined): status is number => status !== undefined && status >= 400

/** A failure inside an answer, whose status was 200, has the usual one of those that come before any. */
const refused = (error: LLMError, method: string, usual: number): AiError.HttpResponseError => {
  const status = isRefusal(error.status) ? error.status : usual
  const seconds =
    "retryAfter" in error && error.retryAfter ? Math.ceil(Duration.toSeconds(error.retryAfter)) : undefined
  const response = new AiError.HttpResponseError({
    module,
    method,
    reason: "StatusCode",
    request: requestOf(error),
    response: {
      status,
      headers: {
        ...(seconds === undefined ? {} : { "retry-after": String(seconds) }),
        ...(error.requestId === undefined ? {} : { "x-request-id": error.requestId })
      }
    },
    description: error.message
  })
  // It has no field for a cause.
  return Object.assign(response, { cause: error })
}
