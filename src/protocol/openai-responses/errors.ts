/** Classifies the errors of Responses: https://platform.openai.com/docs/api-reference/responses/object (`error.code`) */
import type { ReportedError } from "../../http/errors/classification.js"
import type { JsonObject } from "../../http/Json.js"
import * as OpenAIErrors from "../openAIErrors.js"

export { reportedError } from "../openAIErrors.js"

/** Reads the error of an event (nested on the wire, flat in the documentation) or of a failed response. */
export const failureOf = (body: JsonObject): ReportedError =>
  OpenAIErrors.reportedError(body) ?? { message: "", codes: typeof body["code"] === "string" ? [body["code"]] : [] }
