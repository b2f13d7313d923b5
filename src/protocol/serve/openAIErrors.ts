/** The errors of OpenAI's APIs: https://platform.openai.com/docs/guides/error-codes */
import * as Duration from "effect/Duration"
import type { JsonObject } from "../../http/Json.js"
import type { ErrorKind, ServedError } from "./ServedError.js"
import type { ErrorResponse } from "./WireFormat.js"

interface Row {
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly message: string
}

const rows: { readonly [Kind in ErrorKind]: Row } = {
  authentication: {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    message: "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."
  },
  permission: {
    status: 403,
    type: "invalid_request_error",
    code: "unsupported_country_region_territory",
    message: "Country, region, or territory not supported"
  },
  insufficientCredits: {
    status: 429,
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota, please check your plan and billing details."
  },
  rateLimit: {
    status: 429,
    type: "requests",
    code: "rate_limit_exceeded",
    message: "Rate limit reached for MODEL in organization org-loopback on requests per min (RPM): Limit 3, Used 3."
  },
  overloaded: {
    status: 503,
    type: "server_error",
    code: null,
    message: "The engine is currently overloaded, please try again later"
  },
  modelNotFound: {
    status: 404,
    type: "invalid_request_error",
    code: "model_not_found",
    message: "The model `MODEL` does not exist or you do not have access to it."
  },
  contextWindow: {
    status: 400,
    type: "invalid_request_error",
    code: "context_length_exceeded",
    message: "This model's maximum context length is 128000 tokens. Please reduce the length of the messages."
  },
  invalidRequest: {
    status: 400,
    type: "invalid_request_error",
    code: null,
    message: "We could not parse the JSON body of your request."
  },
  notFound: { status: 404, type: "invalid_request_error", code: null, message: "Invalid URL" },
  server: {
    status: 500,
    type: "server_error",
    code: null,
    message: "The server had an error while processing your request. Sorry about that!"
  }
}

/** What stands under `error`. */
export const errorOf = (error: ServedError, model: string): JsonObject => {
  const { type, code, message } = rows[error.kind]
  const again = error.retryAfter === undefined ? "" : ` Please try again in ${Duration.toSeconds(error.retryAfter)}s.`
  return {
    message: error.message ?? `${message.replace("MODEL", model)}${again}`,
    type,
    param: error.param ?? null,
    code: error.code ?? code
  }
}

/** The header with the retry delay in seconds. */
export const retryHeaders = ({ retryAfter }: ServedError): { readonly [name: string]: string } =>
  retryAfter === undefined ? {} : { "retry-after": String(Duration.toSeconds(retryAfter)) }

/** The failed response. */
export const errorResponse = (reported: ServedError, model: string): ErrorResponse => ({
  status: rows[reported.kind].status,
  headers: retryHeaders(reported),
  body: { error: errorOf(reported, model) }
})
