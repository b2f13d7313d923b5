/** The HTTP requests about batches: JSON, uploads of files, and downloads of lines. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type * as Body from "../http/Body.js"
import * as httpErrors from "../http/errors/httpErrors.js"
import { isObject, type JsonObject, parseJson } from "../http/Json.js"
import { textsIn } from "../http/secrets/textsIn.js"
import type { OutgoingRequest } from "../provider/engine/execute.js"
import { begin, type RequestContext } from "../provider/engine/RequestContext.js"
import { type ErrorReader, type Received, readJson, requester, timed } from "../provider/engine/send.js"
import type { ProviderRuntime } from "../provider/ProviderRuntime.js"
import { lines, maxLineLength } from "./jsonLines.js"

/** Sends the requests about batches to one provider. */
export interface BatchHttp {
  readonly context: RequestContext
  /** The URL of a path below the base URL. */
  readonly urlOf: (path: string) => string
  readonly getJson: (url: string) => Effect.Effect<JsonObject, LLMError, Scope.Scope>
  readonly postJson: (url: string, body: JsonObject | string) => Effect.Effect<JsonObject, LLMError, Scope.Scope>
  /** Sends any body, and reads a response that is a JSON object or empty. */
  readonly send: (
    request: OutgoingRequest
  ) => Effect.Effect<
    { readonly json: JsonObject; readonly headers: Received["context"]["headers"] },
    LLMError,
    Scope.Scope
  >
  /** The lines of a file. */
  readonly getLines: (url: string) => Stream.Stream<string, LLMError>
  /** The same, for requests that send these encoded items: their errors repeat no text of them. */
  readonly sending: (items: ReadonlyArray<string>) => BatchHttp
}

// Bytes. Google's status of a batch can contain its results.
const maxJsonBytes = 256 * 1024 * 1024

/** Makes the requests of one runtime. `errors` reads the provider's errors, as a protocol does. */
export const make = (
  runtime: ProviderRuntime,
  errors: ErrorReader,
  sentTexts: () => Iterable<string> = () => []
): BatchHttp => {
  const request = requester(runtime, errors)
  const context = { ...begin(runtime, ""), sentTexts }
  const send: BatchHttp["send"] = (outgoing) =>
    Effect.gen(function* () {
      const received = yield* request(outgoing, { context, isStream: false })
      const headers = received.context.headers
      if (headers["content-length"] === "0") return { json: {}, headers }
      const json = yield* readJson(yield* received.body, received, maxJsonBytes)
      if (!isObject(json)) return yield* httpErrors.malformed(received.context, "it is not a JSON object")
      return { json, headers }
    })
  const jsonOf = (outgoing: OutgoingRequest) => Effect.map(send(outgoing), ({ json }) => json)
  return {
    context,
    urlOf: (path) => runtime.endpoint.urlOf(path, ""),
    getJson: (url) => jsonOf({ method: "GET", url }),
    postJson: (url, body) =>
      jsonOf({
        method: "POST",
        url,
        body: HttpBody.text(typeof body === "string" ? body : JSON.stringify(body), "application/json")
      }),
    send,
    sending: (items) => make(runtime, errors, () => textsOf(items)),
    getLines: (url) =>
      Stream.unwrapScoped(Effect.flatMap(request({ method: "GET", url }, { context, isStream: true }), linesOf))
  }
}

const linesOf = (received: Received) =>
  Effect.map(received.body, (body) => {
    received.timers.stopFirstContent()
    return lines(readsOf(body, received), () => httpErrors.tooLarge(received.context, "line", maxLineLength))
  })

function* textsOf(items: ReadonlyArray<string>): Generator<string> {
  for (const item of items) yield* textsIn(parseJson(item))
}

/** The network reads of a body. It fails if the connection breaks, or brings nothing within the idle timeout. */
const readsOf = (body: Body.Body, { context, timers }: Received): Stream.Stream<Uint8Array, LLMError> => {
  let expired: LLMError | undefined
  const reading = timed(body, timers, (timeout, afterMillis) => {
    expired = httpErrors.timedOut(context, timeout, afterMillis)
  })
  return Stream.repeatEffectOption(
    Effect.async<Uint8Array, Option.Option<LLMError>>((resume) => {
      reading.next(
        (bytes) => resume(bytes === undefined ? Effect.fail(Option.none()) : Effect.succeed(bytes)),
        (cause) => resume(Effect.fail(Option.some(expired ?? httpErrors.disconnected(context, 0, cause))))
      )
    })
  )
}
