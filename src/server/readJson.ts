/** Reads the JSON of a request, within bounds of size, time and depth. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { countProblem } from "../domain/checkOptions.js"
import { isTooDeep } from "../domain/JsonText.js"
import * as Body from "../http/Body.js"

/** Why the JSON of a request cannot be read. */
export type BodyProblem = "tooLarge" | "tooSlow" | "unreadable" | "notJson"

// Otherwise a client that sends one byte per second would occupy a connection for hours.
const timeout = "30 seconds"

/**
 * Reads the JSON in the body of the request in context. It reads no more than `maxSize` bytes, and closes the connection of
 * a body that turns out to be larger. JSON of more than 256 levels is `notJson`.
 */
export const readJson = (maxSize: number): Effect.Effect<unknown, BodyProblem, HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const wrong = countProblem("maxRequestSize", maxSize)
    // A defect is a 500, and its message is in the log alone.
    if (wrong !== undefined) return yield* Effect.dieMessage(wrong)
    // Refused before it is read; the other limit is for bodies of unknown length.
    if (Number(request.headers["content-length"] ?? 0) > maxSize) return yield* problem("tooLarge")
    const body = yield* Body.open(request)
    // A server without a router handles requests uninterruptibly, and a timeout waits for what cannot be interrupted.
    const reading = Effect.interruptible(Body.readText(body, maxSize))
    const { text, end } = yield* Effect.timeoutFail(reading, {
      duration: timeout,
      onTimeout: (): BodyProblem => "tooSlow"
    })
    if (end === "broken") return yield* problem("unreadable")
    if (end !== "tooLarge") return yield* parsed(text)
    body.cancel()
    return yield* problem("tooLarge")
  }).pipe(Effect.scoped)

const problem = (problem: BodyProblem): Either.Either<never, BodyProblem> => Either.left(problem)

const parsed = (text: string): Either.Either<unknown, BodyProblem> =>
  isTooDeep(text)
    ? problem("notJson")
    : Either.try({ try: () => JSON.parse(text), catch: (): BodyProblem => "notJson" })
