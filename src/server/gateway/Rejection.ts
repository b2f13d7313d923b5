/** The error of a request that a gateway does not answer, and its response in the format of OpenAI's API. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Duration from "effect/Duration"
import type { LLMError, NetworkError } from "../../domain/LLMError.js"
import { errorResponse } from "../../protocol/serve/openAIErrors.js"
import type { ServedError } from "../../protocol/serve/ServedError.js"

/** An error in OpenAI's format. */
export interface Rejection extends ServedError {
  /** Replaces the status of its kind. */
  readonly status?: number | undefined
  /** `false` tells OpenAI's clients not to retry; they decide by the status otherwise. */
  readonly shouldRetry?: false | undefined
  /** The failure behind it, whose message is the operator's alone. */
  readonly hidden?: LLMError | undefined
}

/** The rejection of an invalid request. */
export const badRequest = (message: string, status = 400): Rejection => ({ kind: "invalidRequest", message, status })

/** A failure whose words are not the client's. */
export const serverFailure: Rejection = { kind: "server", shouldRetry: false }

// Characters: a name in a request can be as long as the body.
const maxNameLength = 100

const named = (model: string): string => `\`${model.slice(0, maxNameLength)}\``

/** The rejection of a model that is not served, or not to this caller. */
export const modelNotFound = (model: string): Rejection => ({
  kind: "modelNotFound",
  message: `The model ${named(model)} does not exist or you do not have access to it.`,
  param: "model"
})

/**
 * The rejection for a failed call. Only a failure that the client can fix has the provider's words, as others can name
 * the account of the gateway. A wrong key and an empty account of the gateway are a 500; a budget of the gateway is the
 * client's own quota. `model` is the name that the client uses.
 */
export const rejectionOf = (error: LLMError, model: string): Rejection => {
  switch (error._tag) {
    case "RateLimitError": {
      const kind = error.reason === "RateLimit" ? "rateLimit" : "overloaded"
      const what = error.reason === "RateLimit" ? "Rate limit reached for" : "Too much load on"
      return { kind, ...hintsOf(error), message: `${what} the model ${named(model)}. Please try again later.` }
    }
    case "NetworkError":
      return { kind: "server", ...hintsOf(error), message: `The response of the model ${named(model)} ${ends(error)}.` }
    case "ModelNotFoundError":
      return { ...modelNotFound(model), hidden: error }
    case "ContextWindowExceededError":
      return { kind: "contextWindow", message: error.message }
    case "ValidationError":
      return badRequest(error.message)
    case "InsufficientCreditsError":
      // A budget refuses before anything is sent.
      return error.attempts === 0
        ? { kind: "insufficientCredits", shouldRetry: false }
        : { ...serverFailure, hidden: error }
    case "AuthenticationError":
    case "ProviderError":
      return { ...serverFailure, hidden: error }
  }
}

const ends = ({ reason }: NetworkError): string =>
  reason === "Truncated" ? "was cut off" : reason === "Timeout" ? "did not arrive in time" : "failed"

const hintsOf = (error: Extract<LLMError, { readonly retryable: boolean }>) => ({
  retryAfter: error.retryAfter,
  hidden: error,
  ...(error.retryable ? {} : ({ shouldRetry: false } as const))
})

/** The response of a rejection. */
export const toResponse = (rejection: Rejection): HttpServerResponse.HttpServerResponse => {
  const { status, body } = errorResponse(rejection, "")
  return HttpServerResponse.unsafeJson(body, {
    status: rejection.status ?? status,
    headers: { "cache-control": "no-store", ...retryHeaders(rejection) }
  })
}

const retryHeaders = ({ retryAfter, shouldRetry }: Rejection): { readonly [name: string]: string } => {
  const millis = retryAfter === undefined ? undefined : Math.ceil(Duration.toMillis(retryAfter))
  return {
    // Whole seconds are all that HTTP allows; OpenAI's clients prefer the exact header.
    ...(millis === undefined ? {} : { "retry-after": `${Math.ceil(millis / 1000)}`, "retry-after-ms": `${millis}` }),
    ...(shouldRetry === false ? { "x-should-retry": "false" } : {})
  }
}
