/** Classifies the errors of Responses: https://platform.openai.com/docs/api-reference/responses/object (`error.code`) */
import type { ErrorKind, ErrorRules, ReportedError } from "../../http/errorClassification.js"
import type { JsonObject } from "../../http/Json.js"
import * as OpenAIErrors from "../openAIErrors.js"

export { reportedError } from "../openAIErrors.js"

// A failed response has a code, but no HTTP status and no type `invalid_request_error`, so each code is listed.
const requestCodes = [
  "invalid_prompt",
  "bio_policy",
  "misalignment_policy_violation",
  "invalid_image",
  "invalid_image_format",
  "invalid_base64_image",
  "invalid_image_url",
  "invalid_image_mode",
  "image_too_large",
  "image_too_small",
  "image_parse_error",
  "image_content_policy_violation",
  "image_file_too_large",
  "image_file_not_found",
  "empty_image_file",
  "unsupported_image_media_type",
  "failed_to_download_image"
]

/** The rules of all OpenAI APIs, and the codes of responses that fail during generation. */
export const errorRules: ErrorRules = {
  ...OpenAIErrors.errorRules,
  codes: {
    ...OpenAIErrors.errorRules.codes,
    ...Object.fromEntries(requestCodes.map((code): [string, ErrorKind] => [code, "Validation"])),
    vector_store_timeout: "Server"
  }
}

/** Reads the error of an event (nested on the wire, flat in the documentation) or of a failed response. */
export const failureOf = (body: JsonObject): ReportedError =>
  OpenAIErrors.reportedError(body) ?? { message: "", codes: typeof body["code"] === "string" ? [body["code"]] : [] }
