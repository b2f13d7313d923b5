/** Sends a run to an HTTP client as server-sent events with ids, from the position after the client's last event. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { LLMError } from "../domain/LLMError.js"
import * as Format from "../http/framing/EventFormat.js"
import type { RunChunk } from "../runs/RunChunk.js"
import { RunError } from "../runs/RunError.js"
import { Runs } from "../runs/Runs.js"
import { failureOf, logFailure, toJson } from "./errorResponse.js"
import { type EventWriter, eventHeaders, relay } from "./relay.js"
import type { EventsOptions } from "./respondWithEvents.js"

/** The options of `respondWithRun`. */
export interface RunResponseOptions extends EventsOptions {
  /** The owner, from whatever authenticates the request; `""` by default. */
  readonly owner?: string | undefined
}

/**
 * Responds with the chunks of a run as server-sent events, live until it ends. Each event has its position as id, and the
 * response continues after the position in the `last-event-id` header, which `readRun` and `EventSource` send when they
 * reconnect. A client that disconnects does not stop the run. How the run ended is a `done` or an `error` event. A run that
 * is unknown or of another owner is a 404, and a store that cannot be reached a 503.
 *
 * ```ts
 * HttpRouter.empty.pipe(HttpRouter.get("/latest", respondWithRun("latest", { owner: "ada" })))
 * ```
 */
export const respondWithRun = (
  id: string,
  options: RunResponseOptions = {}
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  Runs | HttpServerRequest.HttpServerRequest | Scope.Scope
> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const { owner } = options
    return relay(Runs.read(id, { owner, after: headers["last-event-id"] }), writerOf(options), options)
  })

const writerOf = ({ also = [], providerMessages }: EventsOptions): EventWriter<LLMError | RunError, RunChunk> => ({
  encode: (chunks) => {
    let text = ""
    for (const chunk of chunks) text += Format.encodeChunk(chunk, also, chunk.position)
    return text
  },
  end: () => Format.encodeEvent(Format.doneEvent, {}),
  fail: (cause) => {
    const error = Option.getOrUndefined(Cause.failureOption(cause))
    if (error instanceof RunError) {
      const event = Format.encodeEvent(Format.errorEvent, runErrorJson(error))
      // How a run ended is an event also for a client who has read everything else.
      return Effect.succeed({
        event,
        response: error.reason === "Stopped" ? eventResponse(event) : toRunResponse(error)
      })
    }
    const failure = failureOf(cause, { providerMessages })
    const event = Format.encodeEvent(Format.errorEvent, toJson(failure.error))
    return Effect.as(logFailure(failure, cause), { event, response: eventResponse(event) })
  }
})

const eventResponse = (event: string) => HttpServerResponse.text(event, eventHeaders)

const runErrorJson = ({ _tag, reason, message }: RunError) => ({ _tag, reason, message })

const statuses = { NotFound: 404, Conflict: 409, Invalid: 400, TooMany: 429, Stopped: 410, Unavailable: 503 } as const

/** The status of the response to a failure of runs. */
export const statusOfRun = ({ reason }: RunError): number => statuses[reason]

/** The HTTP response for a failure of runs. */
export const toRunResponse = (error: RunError): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(runErrorJson(error), {
    status: statusOfRun(error),
    headers: { "cache-control": "no-store" }
  })
