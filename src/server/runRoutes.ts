/** The routes of runs: start, read, stop, status and list, each for an owner. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { LLMError } from "../domain/LLMError.js"
import type { RunError } from "../runs/RunError.js"
import type { RunItem } from "../runs/RunItem.js"
import type { RunStatus } from "../runs/RunStatus.js"
import { Runs } from "../runs/Runs.js"
import { boundedJson } from "./answer/requestBody.js"
import { clientErrorOf, type FailureOptions, failureOf, logFailure, toJson, toResponse } from "./errorResponse.js"
import type { EventsOptions } from "./respondWithEvents.js"
import { respondWithRun, toRunResponse } from "./respondWithRun.js"

/** The options of `runRoutes`. */
export interface RunRoutesOptions<A, I, E, R> extends EventsOptions {
  /**
   * Gives the owner of the request, a user id for instance. Nobody else may read, stop or list the runs of an owner. A
   * failure is the response: `Effect.fail(HttpServerResponse.empty({ status: 401 }))`.
   */
  readonly authorize: (request: HttpServerRequest.HttpServerRequest) => Effect.Effect<string, E, R>
  /** The schema of the JSON that starts a run. */
  readonly request: Schema.Schema<A, I>
  /** Gives the stream that answers a request: chunks, or the events of a tool loop. */
  readonly answer: (request: A, owner: string) => Stream.Stream<RunItem, LLMError, R>
  /** The path of the routes; `/runs` by default. */
  readonly path?: `/${string}` | undefined
  /** The largest request in bytes; 1 MiB by default. */
  readonly maxRequestSize?: number | undefined
}

/** What the routes require of the server, besides what `authorize` and `answer` require. */
type Required = Runs | HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext | Scope.Scope

/**
 * Makes the routes of runs, for `startRun`, `readRun` and `stopRun` of `llm-connectivity/browser`: `POST /runs/:id` starts
 * the run whose id the page has chosen and responds with its events; `GET /runs/:id` reads it from `last-event-id` on;
 * `POST /runs/:id/stop` stops it; `GET /runs/:id/status` and `GET /runs` tell how runs are. A run of another owner is a
 * 404 as an unknown one is, and an id that exists for another request a 409.
 *
 * ```ts
 * const routes = runRoutes({
 *   authorize: (request) => Effect.succeed(request.headers["x-user"] ?? "nobody"),
 *   request: Schema.Struct({ question: Schema.String }),
 *   answer: ({ question }) => LLMClient.chatStream({ messages: [{ role: "user", content: question }] })
 * })
 * ```
 */
export const runRoutes = <A, I, E, R>(
  options: RunRoutesOptions<A, I, E, R>
): HttpRouter.HttpRouter<E, Exclude<R, HttpRouter.HttpRouter.Provided> | Runs> => {
  const { authorize, path = "/runs" } = options
  const route = (
    method: "GET" | "POST",
    suffix: string,
    handle: (owner: string, id: string) => Effect.Effect<HttpServerResponse.HttpServerResponse, RunError, R | Required>
  ) =>
    HttpRouter.makeRoute(
      method,
      `${path}${suffix}`,
      Effect.gen(function* () {
        const owner = yield* Effect.flatMap(HttpServerRequest.HttpServerRequest, authorize)
        const { id = "" } = yield* HttpRouter.params
        return yield* Effect.catchTag(handle(owner, id), "RunError", (error) => Effect.succeed(toRunResponse(error)))
      })
    )
  return HttpRouter.fromIterable([
    route("POST", "/:id", (owner, id) => started(options, owner, id)),
    route("GET", "/:id", (owner, id) => respondWithRun(id, { ...options, owner })),
    route("POST", "/:id/stop", (owner, id) =>
      Effect.as(Runs.stop(id, { owner }), HttpServerResponse.empty({ status: 204 }))
    ),
    route("GET", "/:id/status", (owner, id) =>
      Effect.map(Runs.status(id, { owner }), (status) => json(toStatus(status, options)))
    ),
    route("GET", "", (owner) =>
      Effect.map(Runs.list({ owner }), (runs) => json(runs.map((status) => toStatus(status, options))))
    )
  ])
}

const started = <A, I, E, R>(
  { request, answer, maxRequestSize = 1024 * 1024, ...options }: RunRoutesOptions<A, I, E, R>,
  owner: string,
  id: string
): Effect.Effect<HttpServerResponse.HttpServerResponse, RunError, R | Required> =>
  Effect.matchCauseEffect(bodyOf(request, maxRequestSize), {
    onFailure: (cause) => {
      const failure = failureOf(cause)
      return Effect.as(logFailure(failure, cause), toResponse(failure))
    },
    onSuccess: ({ json, value }) =>
      Effect.zipRight(
        Runs.start(answer(value, owner), { id, owner, request: json }),
        respondWithRun(id, { ...options, owner })
      )
  })

const bodyOf = <A, I>(schema: Schema.Schema<A, I>, maxSize: number) =>
  Effect.gen(function* () {
    const json = yield* boundedJson(maxSize)
    return { json, value: yield* Schema.decodeUnknown(schema)(json) }
  })

const json = (value: unknown) => HttpServerResponse.unsafeJson(value, { headers: { "cache-control": "no-store" } })

const toStatus = ({ error, ...status }: RunStatus, options: FailureOptions) =>
  error === undefined ? status : { ...status, error: toJson(clientErrorOf(error, options)) }
