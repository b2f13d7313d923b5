/** The errors of Anthropic's API: https://docs.anthropic.com/en/api/errors */
import type { JsonObject } from "../../../http/Json.js"
import { retryHeaders } from "../../serve/openAIErrors.js"
import type { ErrorKind, ServedError } from "../../serve/ServedError.js"
import type { WireFormat } from "../../serve/WireFormat.js"

const rows: { readonly [Kind in ErrorKind]: readonly [status: number, type: string, message: string] } = {
  authentication: [401, "authentication_error", "invalid x-api-key"],
  permission: [403, "permission_error", "Your API key does not have permission to use the specified resource."],
  insufficientCredits: [
    400,
    "invalid_request_error",
    "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."
  ],
  rateLimit: [
    429,
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute."
  ],
  overloaded: [529, "overloaded_error", "Overloaded"],
  modelNotFound: [404, "not_found_error", "model: MODEL"],
  contextWindow: [400, "invalid_request_error", "prompt is too long: 212000 tokens > 200000 maximum"],
  invalidRequest: [400, "invalid_request_error", "The request body is not valid JSON."],
  notFound: [404, "not_found_error", "Not Found"],
  server: [500, "api_error", "Internal server error"]
}

/** The JSON of an error, in a response and in an event. */
export const errorBody = (
  reported: ServedError,
  model: string
): JsonObject & { readonly type: "error"; readonly error: JsonObject } => {
  const [, type, message] = rows[reported.kind]
  return { type: "error", error: { type, message: reported.message ?? message.replace("MODEL", model) } }
}

/** The failed response. */
export const errorResponse: WireFormat["errorResponse"] = (reported, model) => ({
  status: rows[reported.kind][0],
  headers: retryHeaders(reported),
  body: errorBody(reported, model)
})
