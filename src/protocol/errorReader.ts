/**
 * Reads the errors that servers report, for all protocols in one place: gateways answer in the form of the provider
 * behind them, and the same error has the same class in a stream, in a 200 and as a response.
 */
import type { ReportedError } from "../http/errors/classification.js"
import { isObject, type JsonObject, parseJson } from "../http/Json.js"

/** Reads an error under the names that servers use for it: `{ error: { message } }` or a variant. */
export const nestedError = (body: JsonObject): ReportedError | undefined => {
  const error = body["error"]
  if (isFilled(error)) return readError({ statusCode: statusIn(body), ...error })
  // xAI: { code, error: "a sentence" }; others: { error: "a_code", message }
  if (typeof error === "string" && error !== "") {
    return readError({ ...body, message: messageOf(body) ?? error, reason: error, error: undefined })
  }
  // Cloudflare's Workers AI: { success: false, errors: [{ code, message }] }
  const errors = body["errors"]
  const first = Array.isArray(errors) ? errors.find(isFilled) : errors
  if (isFilled(first)) return readError(first)
  // Tencent: { Response: { Error: { Code, Message } } }
  const response = body["Response"]
  if (isObject(response) && isObject(response["Error"])) return readError(response["Error"])
  return error === true ? readError(body) : undefined
}

/** Some servers send an empty error with a complete response. */
const isFilled = (error: unknown): error is JsonObject => isObject(error) && Object.keys(error).length > 0

/** Reads an error that stands flat in its body; a body that says it succeeded has none. */
export const flatError = (body: JsonObject): ReportedError | undefined => {
  const { code, success, status } = body
  const isSuccess = code === 0 || code === 200 || code === "0" || code === "200" || success === true
  if (messageOf(body) === undefined && typeof status !== "number") return undefined
  return isSuccess || (typeof status === "number" && status < 400) ? undefined : readError(body)
}

/** Reads the fields of an error. */
export const readError = (error: JsonObject): ReportedError => {
  // LiteLLM and other gateways nest the error of the vendor behind them.
  const inner = isObject(error["error"]) ? error["error"] : innerError(error["message"])
  if (inner !== undefined && inner !== error) {
    const read = readError(inner)
    return { ...read, status: read.status ?? statusIn(error), retryDelay: read.retryDelay ?? delayIn(error) }
  }
  return {
    message: [textOf(messageOf(error) ?? error["title"]), upstreamOf(error)].filter((text) => text !== "").join(": "),
    codes: codesIn(error),
    status: statusIn(error),
    retryDelay: delayIn(error)
  }
}

/** The names of the message: those of Google's OAuth, FastAPI, DashScope, Baidu, AWS and APISIX come last. */
const messageNames = [
  "message",
  "error_description",
  "detail",
  "msg",
  "error_msg",
  "error_message",
  "errorMessage",
  "Message",
  "status_msg"
] as const

const messageOf = (error: JsonObject): unknown => messageNames.map((name) => error[name]).find((each) => each != null)

const textOf = (message: unknown): string =>
  typeof message === "string" ? message : message == null ? "" : JSON.stringify(message)

/** The error that a message holds as JSON. */
const innerError = (message: unknown): JsonObject | undefined => {
  if (typeof message !== "string" || !/^\s*[[{]/.test(message)) return undefined
  const json = parseJson(message)
  const body: unknown = Array.isArray(json) ? json[0] : json
  if (!isObject(body)) return undefined
  if (isObject(body["error"])) return body["error"]
  return messageOf(body) === undefined ? undefined : body
}

/** What the provider behind OpenRouter said: https://openrouter.ai/docs/api-reference/errors */
const upstreamOf = ({ metadata }: JsonObject): string => {
  const raw = isObject(metadata) ? metadata["raw"] : undefined
  if (isObject(raw)) return readError(isObject(raw["error"]) ? raw["error"] : raw).message
  if (typeof raw !== "string") return ""
  const inner = innerError(raw)
  return inner === undefined ? raw : readError(inner).message
}

const codeNames = [
  "code",
  "type",
  "status",
  "reason",
  "error_code",
  "error_type",
  "errorCode",
  "Code",
  "__type"
] as const

/** The machine-readable codes, those of Google's details first, as they are the most specific. */
const codesIn = (error: JsonObject): ReadonlyArray<string> =>
  [...detailsIn(error).map((detail) => detail["reason"]), ...codeNames.map((name) => error[name])].flatMap((code) =>
    typeof code === "string" ? [code] : typeof code === "number" && !isStatus(code) ? [String(code)] : []
  )

const detailsIn = ({ details }: JsonObject): ReadonlyArray<JsonObject> =>
  Array.isArray(details) ? details.filter(isObject) : []

const isStatus = (code: number): boolean => code >= 400 && code < 600

const statusNames = ["code", "status", "statusCode", "status_code", "http_code"] as const

/** OpenRouter's code is the HTTP status of the upstream vendor, LiteLLM's and MiniMax's the same as text. */
const statusIn = (error: JsonObject): number | undefined =>
  statusNames
    .map((name) => error[name])
    .flatMap((each) => (typeof each === "number" || (typeof each === "string" && /^\d{3}$/.test(each)) ? [+each] : []))
    .find(isStatus)

/** How long to wait: Google's details, then Hugging Face while a model loads, Codex, and gateways. */
const delayIn = (error: JsonObject): string | undefined => {
  const delay = detailsIn(error)
    .map((detail) => detail["retryDelay"])
    .find((each) => typeof each === "string")
  if (typeof delay === "string") return delay
  const millis = error["retry_after_ms"]
  if (typeof millis === "number") return `${millis}ms`
  const seconds = ["estimated_time", "retry_after", "retryAfter", "resets_in_seconds"]
    .map((name) => error[name])
    .find((each) => typeof each === "number")
  return seconds === undefined ? undefined : `${seconds}s`
}
