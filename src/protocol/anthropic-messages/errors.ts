/** Classifies Anthropic's errors: https://platform.claude.com/docs/en/api/errors */
import type { ErrorRules, ReportedError } from "../../http/errorClassification.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/**
 * Phrases match before codes, because an overlong prompt, an excessive `max_tokens` and an empty balance share the code
 * `invalid_request_error`.
 */
export const errorRules: ErrorRules = {
  phrases: [
    [/\b(?:prompt|input) is too long\b/i, "ContextWindowExceeded"],
    [/\binput length and `?max_tokens`? exceed context limit\b/i, "ContextWindowExceeded"],
    [/\bcredit balance is too low\b/i, "InsufficientCredits"],
    [/\breached your specified (?:\w+ )?API usage limits\b/i, "InsufficientCredits"],
    [/\bmax_tokens: \d+ > \d+, which is the maximum allowed number of output tokens\b/i, "Validation"]
  ],
  codes: {
    rate_limit_error: "RateLimit",
    overloaded_error: "Overloaded",
    api_error: "Server",
    timeout_error: "Server",
    authentication_error: "Authentication",
    permission_error: "Authentication",
    not_found_error: "ModelNotFound",
    billing_error: "InsufficientCredits",
    request_too_large: "ContextWindowExceeded",
    invalid_request_error: "Validation"
  }
}

/** Reads the error in a body or an event: `{ type: "error", error: { type, message } }`, or a gateway's variant of it. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  if (!isObject(body)) return undefined
  const { type, error } = body
  if (isObject(error)) return read(error)
  if (typeof error === "string" && error !== "") return read({ ...body, message: error })
  const message = body["message"] ?? body["detail"]
  // Amazon's and other gateways send no `error` field: { message }.
  if (typeof message === "string" && (type === undefined || type === "error")) return read(body)
  return undefined
}

const read = (error: JsonObject): ReportedError => {
  const message = error["message"] ?? error["detail"]
  return {
    message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
    codes: [error["type"], error["code"]].filter((each) => typeof each === "string")
  }
}
