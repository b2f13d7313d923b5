/** Reads the body of a request within bounds. */
import type * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ValidationError } from "../../domain/LLMError.js"
import { firstIssue } from "../../domain/validation.js"
import { parseJson } from "../../http/Json.js"

/** The options of reading a request. */
export interface RequestOptions {
  /** The most bytes of a request; 10 MiB by default. Files are a third larger in it than on disk. */
  readonly maxRequestSize?: number | undefined
}

// A client that sends one byte a second would otherwise hold a connection for hours.
const timeout = "30 seconds"

const defaultMaxBytes = 10 * 1024 * 1024

/** Reads and decodes the body. It reads no more than the limit, and refuses JSON of more than 256 levels. */
export const requestBody = <A, I>(
  schema: Schema.Schema<A, I>,
  { maxRequestSize = defaultMaxBytes }: RequestOptions
): Effect.Effect<A, ValidationError | HttpServerError.RequestError, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const announced = Number(request.headers["content-length"] ?? 0)
    if (announced > maxRequestSize) return yield* tooLarge(maxRequestSize)
    const decoder = new TextDecoder()
    let size = 0
    let text = ""
    yield* Stream.runForEach(request.stream, (bytes) => {
      size += bytes.length
      if (size > maxRequestSize) return tooLarge(maxRequestSize)
      text += decoder.decode(bytes, { stream: true })
      return Effect.void
    }).pipe(Effect.timeoutFail({ duration: timeout, onTimeout: () => tooSlow }))
    const json = parseJson(text + decoder.decode())
    if (json === undefined) return yield* notJson
    return yield* Effect.catchTag(Schema.decodeUnknown(schema)(json), "ParseError", (error) =>
      invalid(`the request is not valid: ${firstIssue(error)}`)
    )
  })

const invalid = (message: string) => Effect.fail(problem(message))

const problem = (message: string) => new ValidationError({ provider: "", model: "", message })

const tooSlow = problem("the body of the request did not arrive within 30 seconds; send it again")

const tooLarge = (maxBytes: number) =>
  invalid(`the request has more than ${maxBytes} bytes; send less, or raise maxRequestSize on the server`)

const notJson = invalid("the body of the request is not a JSON object of at most 256 levels; send one")
