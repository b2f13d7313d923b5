/** Reads Anthropic's errors: https://platform.claude.com/docs/en/api/errors */
import type { ReportedError } from "../../http/errors/classification.js"
import { isObject } from "../../http/Json.js"
import { flatError, nestedError } from "../errorReader.js"

/** Reads the error in a body or an event: `{ type: "error", error: { type, message } }`, or a gateway's variant of it. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  if (Array.isArray(body)) return reportedError(body[0])
  if (!isObject(body)) return undefined
  const error = nestedError(body)
  if (error !== undefined) return error
  const { type, message } = body
  // Amazon's and other gateways send no `error` field: { message }. An event has its message as an object.
  return (type === undefined || type === "error") && !isObject(message) ? flatError(body) : undefined
}
