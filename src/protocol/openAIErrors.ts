/** Classifies the errors of OpenAI and of compatible vendors: https://platform.openai.com/docs/guides/error-codes */
import type { ReportedError } from "../http/errorClassification.js"
import { isObject, type JsonObject } from "../http/Json.js"

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
  if (body["object"] === "error" || body["choices"] == null) return flat(body)
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
    // OpenRouter's code is the HTTP status of the upstream vendor, LiteLLM's the same as text.
    status: statusOf(code),
    // Hugging Face, while a model loads.
    retryDelay: typeof error["estimated_time"] === "number" ? `${error["estimated_time"]}s` : undefined
  }
}

const statusOf = (code: unknown): number | undefined => {
  const status = typeof code === "string" && /^\d{3}$/.test(code) ? Number(code) : code
  return typeof status === "number" && status >= 400 && status < 600 ? status : undefined
}
