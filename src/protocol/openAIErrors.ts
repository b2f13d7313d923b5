/** Classifies the errors of OpenAI and of compatible vendors: https://platform.openai.com/docs/guides/error-codes */
import type { ErrorRules, ReportedError } from "../http/errorClassification.js"
import { isObject, type JsonObject } from "../http/Json.js"

/** The rules of both OpenAI APIs. Phrases are complete, because "The model is overloaded" is not a missing model. */
export const errorRules: ErrorRules = {
  phrases: [
    [/^Request too large for /i, "ContextWindowExceeded"],
    [
      /maximum context length|context[_ ]length[_ ]exceeded|context window|prompt is too long/i,
      "ContextWindowExceeded"
    ],
    [/\b(?:insufficient|exceeded your current) (?:quota|balance|credits?)\b/i, "InsufficientCredits"],
    [
      /\b(?:currently|temporarily) (?:overloaded|over capacity)\b|\bmodel is overloaded\b|\bat capacity\b/i,
      "Overloaded"
    ],
    [/\b(?:incorrect|invalid) API key\b|\bAPI key not valid\b/i, "Authentication"],
    [/\bmodel\b.{0,120}\b(?:does not exist|not found|is not supported)\b/i, "ModelNotFound"]
  ],
  codes: {
    insufficient_quota: "InsufficientCredits",
    billing_hard_limit_reached: "InsufficientCredits",
    billing_not_active: "InsufficientCredits",
    rate_limit_exceeded: "RateLimit",
    rate_limit_error: "RateLimit",
    slow_down: "RateLimit",
    overloaded: "Overloaded",
    overloaded_error: "Overloaded",
    capacity_exceeded: "Overloaded",
    server_error: "Server",
    internal_error: "Server",
    internal_server_error: "Server",
    invalid_api_key: "Authentication",
    authentication_error: "Authentication",
    permission_error: "Authentication",
    unsupported_country_region_territory: "Authentication",
    model_not_found: "ModelNotFound",
    DeploymentNotFound: "ModelNotFound",
    context_length_exceeded: "ContextWindowExceeded"
  },
  generalCodes: { invalid_request_error: "Validation", api_error: "Server" }
}

/** Reads the error in a body or an event: `{ error: { message } }`, or a vendor's variant of it. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  // Google's OpenAI-compatible endpoint wraps errors in a list.
  if (Array.isArray(body)) return reportedError(body[0])
  if (!isObject(body)) return undefined
  const error = body["error"]
  if (isObject(error)) return read(error)
  // xAI: { code, error: "a sentence" }
  if (typeof error === "string" && error !== "") return read({ ...body, message: error })
  // Mistral, vLLM: { object: "error", message }; FastAPI servers: { detail }
  if (body["object"] === "error" || body["choices"] === undefined) return flat(body)
  return undefined
}

const flat = (body: JsonObject): ReportedError | undefined => {
  const message = body["message"] ?? body["detail"]
  return message == null ? undefined : read({ ...body, message })
}

const read = (error: JsonObject): ReportedError => {
  const { message, code, type, status } = error
  return {
    message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
    codes: [code, type, status].filter((each) => typeof each === "string"),
    // OpenRouter's code is the HTTP status of the upstream vendor.
    status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined
  }
}
