/** One authorized request to a gateway, and how it is answered. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { JsonObject } from "../../http/Json.js"
import type { RelayOptions } from "../Outbox.js"
import type { GatewayCaller } from "./Caller.js"
import type { Models } from "./Models.js"
import { type Rejection, serverFailure } from "./Rejection.js"

/** One authorized request. */
export interface GatewayCall {
  /** 32 letters and digits, which are in the ids of the response and in the log. */
  readonly id: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly caller: GatewayCaller
  readonly models: Models
  readonly body: Effect.Effect<JsonObject, Rejection, HttpServerRequest.HttpServerRequest>
  readonly relay: RelayOptions
}

/** Answers one request. */
export type Answer = (
  call: GatewayCall
) => Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  Rejection,
  HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext | Scope.Scope
>

/** The options of calls to a client for the caller. */
export const callOptionsOf = ({ caller: { name, priority } }: GatewayCall) => ({ caller: name, priority })

/** A complete response. */
export const json = (body: JsonObject): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.unsafeJson(body, { headers: { "cache-control": "no-store" } })

/** The rejection that a failure stands for. A defect tells the client nothing, because its message may contain secrets. */
export const rejectionIn = (cause: Cause.Cause<Rejection>): Rejection =>
  Option.getOrElse(Cause.failureOption(cause), () => serverFailure)

/** Logs the failure that the client's response does not describe. */
export const logHidden = (id: string, cause: Cause.Cause<Rejection>): Effect.Effect<void> => {
  const failure = Option.getOrUndefined(Cause.failureOption(cause))
  if (failure === undefined) return Effect.logError(`gateway request ${id} failed unexpectedly`, cause)
  return failure.hidden === undefined
    ? Effect.void
    : Effect.logWarning(`gateway request ${id} failed: ${failure.hidden._tag}: ${failure.hidden.message}`)
}
