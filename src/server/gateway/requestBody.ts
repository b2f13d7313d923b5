/** Reads the JSON of a request. Rejects a body that it cannot read in the format of OpenAI's API. */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import { isObject, type JsonObject } from "../../http/Json.js"
import { type BodyProblem, readJson } from "../readJson.js"
import { badRequest, type Rejection } from "./Rejection.js"

/** The JSON object in the body of the request in context, of at most `maxSize` bytes. */
export const requestBody = (
  maxSize: number
): Effect.Effect<JsonObject, Rejection, HttpServerRequest.HttpServerRequest> =>
  readJson(maxSize).pipe(
    Effect.filterOrFail(isObject, (): BodyProblem => "notJson"),
    Effect.mapError((problem) => rejectionOf(problem, maxSize))
  )

const rejectionOf = (problem: BodyProblem, maxSize: number): Rejection => {
  switch (problem) {
    case "tooLarge":
      return badRequest(`The body of your request is larger than ${maxSize} bytes. Please shorten it.`, 413)
    case "tooSlow":
      return badRequest("The body of your request did not arrive in time. Please send it again.", 408)
    case "unreadable":
      return badRequest("The body of your request cannot be read. Please send it again.")
    case "notJson":
      return badRequest(
        "We could not parse the JSON body of your request. The body must be a JSON object of at most 256 levels."
      )
  }
}
