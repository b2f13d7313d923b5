/** Classifies Google's errors: https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193 */
import type { ReportedError } from "../../http/errorClassification.js"
import { isObject, type JsonObject } from "../../http/Json.js"

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
