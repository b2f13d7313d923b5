/** Reads the JSON of a request, within bounds of size, time and depth. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isObject, type JsonObject, parseJson } from "../../http/Json.js"
import { badRequest, type Rejection } from "./Rejection.js"

// A client that sends one byte a second would otherwise hold its place for hours.
const timeout = "30 seconds"

/** The JSON object in the body of the request in context, of at most `maxSize` bytes. */
export const requestBody = (
  maxSize: number
): Effect.Effect<JsonObject, Rejection, HttpServerRequest.HttpServerRequest> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    // Refused before it is read; the other limit is for bodies of unknown length.
    if (Number(request.headers["content-length"] ?? 0) > maxSize) return Effect.fail(tooLarge(maxSize))
    return HttpServerRequest.withMaxBodySize(request.text, Option.some(maxSize)).pipe(
      Effect.mapError(() => tooLarge(maxSize)),
      Effect.timeoutFail({ duration: timeout, onTimeout: () => tooSlow }),
      Effect.flatMap((text) => {
        const json = parseJson(text)
        return isObject(json) ? Effect.succeed(json) : Effect.fail(notJson)
      })
    )
  })

const tooLarge = (maxSize: number): Rejection =>
  badRequest(`The body of your request cannot be read, or is larger than ${maxSize} bytes. Please shorten it.`, 413)

const tooSlow: Rejection = badRequest("The body of your request did not arrive in time. Please send it again.", 408)

const notJson: Rejection = badRequest(
  "We could not parse the JSON body of your request. The body must be a JSON object of at most 256 levels."
)
