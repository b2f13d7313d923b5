/** Reads Google's errors: https://ai.google.dev/gemini-api/docs/troubleshooting and https://google.aip.dev/193 */
import type { ReportedError } from "../../http/errors/classification.js"
import { isObject } from "../../http/Json.js"
import { flatError, nestedError } from "../errorReader.js"

/** Reads the error of a body or of an event: `{ error: { code, message, status, details } }`, alone or in a list. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  // Without `alt=sse`, a stream is a JSON list, and so is its error. A later member is a separate event.
  if (Array.isArray(body)) return reportedError(body[0])
  if (!isObject(body)) return undefined
  // A rejected OAuth token is { error: "invalid_grant", error_description }. Gateways before Google have flat errors.
  return nestedError(body) ?? (body["candidates"] === undefined ? flatError(body) : undefined)
}
