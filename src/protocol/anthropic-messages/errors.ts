/** Classifies Anthropic's errors: https://platform.claude.com/docs/en/api/errors */
import type { ReportedError } from "../../http/errorClassification.js"
import { isObject, type JsonObject } from "../../http/Json.js"

/** Reads the error in a body or an event: `{ type: "error", error: { type, message } }`, or a gateway's variant of it. */
export const reportedError = (body: unknown): ReportedError | undefined => {
  if (!isObject(body)) return undefined
  const { type, error } = body
  if (isObject(error)) return read(error)
  if (typeof error === "string" && error !== "") return read({ ...body, message: error })
  const message = body["message"] ?? body["detail"]
  // Amazon's and other gateways send no `error` field: { message }.
  if (typeof message === "string" && (type === undefined || type === "error")) return read(body)
  return undefined
}

const read = (error: JsonObject): ReportedError => {
  const message = error["message"] ?? error["detail"]
  return {
    message: typeof message === "string" ? message : message === undefined ? "" : JSON.stringify(message),
    codes: [error["type"], error["code"]].filter((each) => typeof each === "string")
  }
}
