/** Classifies Google's errors: https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193 */
import type { ErrorRules, ReportedError } from "../../http/errorClassification.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/**
 * Codes are the `reason` in the error's details, then its `status`. Every rate limit says "You exceeded your current
 * quota, please check your plan and billing details", so only complete phrases mean missing credit.
 */
export const errorRules: ErrorRules = {
  phrases: [
    [/\binput token count\b.{0,80}\b(?:exceeds|only supports)\b/i, "ContextWindowExceeded"],
    [/\brequest payload size exceeds\b/i, "ContextWindowExceeded"],
    [/\bcredits? (?:is|are|has been|have been) (?:depleted|exhausted)\b/i, "InsufficientCredits"],
    [/\benable billing\b|\bbilling to be enabled\b|\bwithout a billing account\b/i, "InsufficientCredits"],
    // A model outside the free tier reports a rate limit of 0, which waiting does not help.
    [/free_tier_\w+, limit: 0\b|\bdoesn't have a free quota tier\b/i, "InsufficientCredits"],
    [/\bAPI key (?:not valid|not found|expired)\b/i, "Authentication"],
    [/\blocation is not supported\b/i, "Authentication"],
    // Google deletes files after two days and then reports a missing permission.
    [/\bpermission to access the File\b/, "Validation"],
    [/\bis not found for API version\b/i, "ModelNotFound"],
    [/\bmodel is (?:currently )?overloaded\b/i, "Overloaded"]
  ],
  codes: {
    API_KEY_INVALID: "Authentication",
    BILLING_DISABLED: "InsufficientCredits",
    RATE_LIMIT_EXCEEDED: "RateLimit",
    MODEL_CAPACITY_EXHAUSTED: "Overloaded",
    UNAUTHENTICATED: "Authentication",
    PERMISSION_DENIED: "Authentication",
    NOT_FOUND: "ModelNotFound",
    RESOURCE_EXHAUSTED: "RateLimit",
    UNAVAILABLE: "Overloaded",
    INTERNAL: "Server",
    DEADLINE_EXCEEDED: "Server",
    ABORTED: "Server",
    CANCELLED: "Server",
    UNKNOWN: "Server",
    DATA_LOSS: "Server",
    INVALID_ARGUMENT: "Validation",
    OUT_OF_RANGE: "Validation",
    FAILED_PRECONDITION: "Validation",
    UNIMPLEMENTED: "Validation"
  }
}

/** Reads the error of a body or of an event: `{ error: { code, message, status, details } }`, alone or in a list. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  // Without `alt=sse`, a stream is a JSON list, and so is its error. A later member is a separate event.
  if (Array.isArray(body)) return reportedError(body[0])
  if (!isObject(body)) return undefined
  const { error, error_description, message } = body
  if (isObject(error)) return read(error)
  // A rejected OAuth token: { error: "invalid_grant", error_description }
  if (typeof error === "string" && error !== "") return read({ message: error_description ?? error, status: error })
  // Gateways before Google.
  return typeof message === "string" && body.candidates === undefined ? read(body) : undefined
}

const read = ({ code, message, status, details }: JsonObject): ReportedError => {
  const objects = Array.isArray(details) ? details.filter(isObject) : []
  const retryDelay = objects.map((detail) => detail.retryDelay).find((delay) => typeof delay === "string")
  return {
    message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
    codes: [...objects.map((detail) => detail.reason), status].filter((each) => typeof each === "string"),
    status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined,
    retryDelay
  }
}
