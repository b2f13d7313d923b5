/** Reads and decodes the body of a request within bounds. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ValidationError } from "../../domain/LLMError.js"
import { firstIssue } from "../../domain/validation.js"
import { type BodyProblem, readJson } from "../readJson.js"

/** The options of reading a request. */
export interface RequestOptions {
  /** The most bytes of a request; 10 MiB by default. Files are a third larger in it than on disk. */
  readonly maxRequestSize?: number | undefined
}

const defaultMaxBytes = 10 * 1024 * 1024

/** Reads and decodes the body. It reads no more than the limit, and refuses JSON of more than 256 levels. */
export const requestBody = <A, I>(
  schema: Schema.Schema<A, I>,
  { maxRequestSize = defaultMaxBytes }: RequestOptions
): Effect.Effect<A, ValidationError, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(boundedJson(maxRequestSize), (json) =>
    Effect.mapError(Schema.decodeUnknown(schema)(json), (error) =>
      invalid(`the request is not valid: ${firstIssue(error)}`)
    )
  )

/** Reads the JSON of a request. What cannot be read is a `ValidationError` that says why. */
export const boundedJson = (
  maxBytes: number
): Effect.Effect<unknown, ValidationError, HttpServerRequest.HttpServerRequest> =>
  Effect.mapError(readJson(maxBytes), (problem) => invalid(messageOf(problem, maxBytes)))

const invalid = (message: string) => new ValidationError({ provider: "", model: "", message })

const messageOf = (problem: BodyProblem, maxBytes: number): string => {
  switch (problem) {
    case "tooLarge":
      return `the request has more than ${maxBytes} bytes; send less, or raise maxRequestSize on the server`
    case "tooSlow":
      return "the body of the request did not arrive within 30 seconds; send it again"
    case "unreadable":
      return "the body of the request cannot be read; send it again"
    case "notJson":
      return "the body of the request is not JSON of at most 256 levels; send a JSON object"
  }
}
