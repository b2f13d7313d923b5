/** How Responses name their errors: https://platform.openai.com/docs/api-reference/responses/object (`error.code`) */
import type { ErrorKind, ErrorRules, ReportedError } from "../../http/errorClassification.js"
import type { JsonObject } from "../../http/Json.js"
import * as OpenAIFailure from "../openAIErrors.js"

export { reportedError } from "../openAIErrors.js"

// A failed response has a code but neither a status nor the type `invalid_request_error`, so each code is named.
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

/** What all of OpenAI's APIs share, and the codes of a response that failed while it was generated. */
export const errorRules: ErrorRules = {
  ...OpenAIFailure.errorRules,
  codes: {
    ...OpenAIFailure.errorRules.codes,
    ...Object.fromEntries(requestCodes.map((code): [string, ErrorKind] => [code, "Validation"])),
    vector_store_timeout: "Server"
  }
}

/** Reads the error of an event (nested as it is sent, flat as it is documented) or of a response that failed. */
export const failureOf = (body: JsonObject): ReportedError =>
  OpenAIFailure.reportedError(body) ?? { message: "", codes: typeof body["code"] === "string" ? [body["code"]] : [] }
