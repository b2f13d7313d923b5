/** The routes of OpenAI's API over the clients of this library. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { checkOptions, countProblem } from "../../domain/checkOptions.js"
import type { ValidationError } from "../../domain/LLMError.js"
import { memoryRateLimits, RateLimits } from "../../policy/limits/RateLimits.js"
import { openAIFormat } from "../../protocol/serve/openAIFormat.js"
import { relayProblem } from "../relay.js"
import type { EventsOptions } from "../respondWithEvents.js"
import { Admission, limitsProblem } from "./Admission.js"
import { callerOf } from "./authorization.js"
import type { AllowAnyone, Authorize, CallerLimits } from "./Caller.js"
import { chatCompletions } from "./chatCompletions.js"
import { embeddings } from "./embeddings.js"
import { type Answer, json, logHidden, rejectionIn } from "./GatewayCall.js"
import { type GatewayModels, Models, type ModelsContext, type ModelsError } from "./Models.js"
import { toResponse } from "./Rejection.js"
import { requestBody } from "./requestBody.js"
import { responses } from "./responses.js"

/** The options of `openAIRoutes`. */
export interface OpenAIRoutesOptions<M extends GatewayModels, R = never>
  extends Pick<EventsOptions, "keepAlive" | "writeTimeout"> {
  /** The clients that answer, by the names that callers use for them; no other model is served. */
  readonly models: M
  /** Finds the caller of a bearer token, or is `Gateway.allowAnyone`. */
  readonly authorize: Authorize<R> | AllowAnyone
  /** The limits of each caller that has none of its own. */
  readonly limits?: CallerLimits | undefined
  /** The largest request in bytes; 10 MiB by default, as images and files are in requests. */
  readonly maxRequestSize?: number | undefined
}

/**
 * Makes the routes `/v1/chat/completions`, `/v1/responses`, `/v1/embeddings` and `/v1/models` of OpenAI's API, over any
 * clients with their policies and guards. A request field that cannot be honored is a 400 that names it. Failures have
 * OpenAI's status, type, code and `retry-after`; only those that the client can fix quote the provider, and the others are
 * logged. A stream that fails ends with an error event and without `[DONE]`. A client that disconnects interrupts
 * the provider's stream. The routes send no CORS headers.
 *
 * Rates are counted in the `RateLimits` in context, where `Redis.layer` shares them between processes, or else in this one.
 *
 * ```ts
 * const routes = openAIRoutes({
 *   models: { fast: LLMClient.layer({ model: "anthropic/claude-haiku-4-5", policies: [Policy.retry()] }) },
 *   authorize: Gateway.allowAnyone
 * })
 * const server = Layer.unwrapScoped(Effect.map(routes, (router) => HttpServer.serve(router)))
 * ```
 */
export const openAIRoutes = <const M extends GatewayModels, R = never>(
  options: OpenAIRoutesOptions<M, R>
): Effect.Effect<
  HttpRouter.HttpRouter<never, Exclude<R, HttpRouter.HttpRouter.Provided>>,
  ModelsError<M> | ValidationError,
  ModelsContext<M> | Scope.Scope
> =>
  Effect.gen(function* () {
    yield* checkOptions("openAIRoutes", [
      countProblem("maxRequestSize", options.maxRequestSize ?? defaultMaxRequestSize),
      limitsProblem("limits", options.limits ?? {}),
      relayProblem(options)
    ])
    const models = yield* Models.make(options.models)
    const store = Option.getOrElse(yield* Effect.serviceOption(RateLimits), () => undefined)
    const admission = new Admission(store ?? (yield* memoryRateLimits), options.limits ?? {})
    const route = (method: "GET" | "POST", path: `/${string}`, answer: Answer) =>
      HttpRouter.makeRoute(method, path, respond(options, { models, admission }, answer))
    return HttpRouter.fromIterable([
      route("POST", "/v1/chat/completions", chatCompletions),
      route("POST", "/v1/responses", responses),
      route("POST", "/v1/embeddings", embeddings),
      route("GET", "/v1/models", ({ models, caller }) => Effect.sync(() => json(models.list(caller)))),
      // The names of models have slashes.
      route("GET", "/v1/models/*", ({ models, caller }) =>
        Effect.flatMap(HttpRouter.params, (params) => Effect.map(models.card(params["*"] ?? "", caller), json))
      )
    ])
  })

// Images and files are in requests.
const defaultMaxRequestSize = 10 * 1024 * 1024

/** Authorizes, admits and answers one request. */
const respond = <R>(
  { authorize, maxRequestSize = defaultMaxRequestSize, ...relay }: OpenAIRoutesOptions<GatewayModels, R>,
  { models, admission }: { readonly models: Models; readonly admission: Admission },
  answer: Answer
) =>
  Effect.suspend(() => {
    const id = globalThis.crypto.randomUUID().replaceAll("-", "")
    return Effect.gen(function* () {
      const caller = yield* callerOf(yield* HttpServerRequest.HttpServerRequest, authorize)
      yield* admission.admit(caller)
      const createdAt = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      return yield* answer({ id, createdAt, caller, models, body: requestBody(maxRequestSize), relay })
    }).pipe(
      Effect.catchAllCause((cause) => {
        const failure = Cause.failureOrCause(cause)
        return Either.isRight(failure) && Cause.isInterruptedOnly(failure.right)
          ? Effect.failCause(failure.right)
          : Effect.as(logHidden(id, cause), toResponse(rejectionIn(cause)))
      }),
      Effect.map(HttpServerResponse.setHeader(openAIFormat.requestIdHeader, `req_${id}`))
    )
  })
