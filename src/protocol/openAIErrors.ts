/** Reads the errors of OpenAI and of compatible vendors: https://platform.openai.com/docs/guides/error-codes */
import type { ReportedError } from "../http/errors/classification.js"
import { isObject } from "../http/Json.js"
import { flatError, nestedError, readError } from "./errorReader.js"

/** Reads the error in a body or an event: `{ error: { message } }`, or a vendor's variant of it. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  // Google's OpenAI-compatible endpoint wraps errors in a list.
  if (Array.isArray(body)) return reportedError(body[0])
  if (!isObject(body)) return undefined
  const error = nestedError(body)
  if (error !== undefined) return error
  // Mistral, vLLM: { object: "error", message }
  if (body["object"] === "error") return readError(body)
  return body["choices"] == null ? (baseResponseError(body["base_resp"]) ?? flatError(body)) : undefined
}

/** MiniMax's errors, in a 200 as well: https://platform.minimax.io/docs/api-reference/errorcode */
export const baseResponseError = (base: unknown): ReportedError | undefined => {
  if (!isObject(base)) return undefined
  const { status_code, status_msg } = base
  if (status_code == null || Number(status_code) === 0) return undefined
  // Z.ai uses the same numbers otherwise.
  return { message: typeof status_msg === "string" ? status_msg : "", codes: [`base_resp ${status_code}`] }
}
