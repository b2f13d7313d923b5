/** The errors of Google's Gemini API: https://ai.google.dev/gemini-api/docs/troubleshooting */
import * as Duration from "effect/Duration"
import type { JsonObject } from "../../../http/Json.js"
import type { ErrorKind, ServedError } from "../../serve/ServedError.js"
import type { WireFormat } from "../../serve/WireFormat.js"

const rows: { readonly [Kind in ErrorKind]: readonly [code: number, status: string, message: string] } = {
  // Not 401, as one would expect.
  authentication: [400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."],
  permission: [403, "PERMISSION_DENIED", "The caller does not have permission"],
  insufficientCredits: [
    429,
    "RESOURCE_EXHAUSTED",
    "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing."
  ],
  rateLimit: [429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."],
  overloaded: [503, "UNAVAILABLE", "The model is overloaded. Please try again later."],
  modelNotFound: [
    404,
    "NOT_FOUND",
    "models/MODEL is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods."
  ],
  contextWindow: [
    400,
    "INVALID_ARGUMENT",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
  ],
  invalidRequest: [400, "INVALID_ARGUMENT", "Invalid JSON payload received."],
  notFound: [404, "NOT_FOUND", "Not Found"],
  server: [500, "INTERNAL", "An internal error has occurred. Please retry or report it."]
}

const detailsOf = ({ kind, retryAfter }: ServedError): ReadonlyArray<JsonObject> => [
  ...(kind === "authentication"
    ? [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "API_KEY_INVALID",
          domain: "googleapis.com",
          metadata: { service: "generativelanguage.googleapis.com" }
        }
      ]
    : []),
  // The only place where this API says how long to wait.
  ...(retryAfter === undefined
    ? []
    : [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${Duration.toSeconds(retryAfter)}s` }])
]

/** The failed response. */
export const errorResponse: WireFormat["errorResponse"] = (reported, model) => {
  const [code, status, message] = rows[reported.kind]
  const details = detailsOf(reported)
  return {
    status: code,
    headers: {},
    body: {
      error: {
        code,
        message: reported.message ?? message.replace("MODEL", model),
        status,
        ...(details.length === 0 ? {} : { details })
      }
    }
  }
}
