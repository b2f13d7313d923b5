/** Decides what is sent to a request: the script's body or error, or the answer, and what goes wrong with it. */
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import { isObject, parseJson } from "../../http/Json.js"
import { text } from "../../protocol/serve/fields.js"
import type { ServedError } from "../../protocol/serve/ServedError.js"
import { errorOf, kindOf } from "../../protocol/serve/ServedError.js"
import type { WireFormat } from "../../protocol/serve/WireFormat.js"
import type { Endpoint } from "./Endpoint.js"
import { applyFault, withKeepAlive } from "./faults/applyFault.js"
import * as Plan from "./Plan.js"
import { faultsOf } from "./Script.js"
import type { SimulatedReply } from "./SimulatedReply.js"

/** What is known where a response is planned. */
export interface PlanContext {
  readonly pace: Duration.DurationInput
  /** The Simulator under its other name. */
  readonly otherUrl: string
  readonly path: string
  readonly gzip: (bytes: Uint8Array) => Uint8Array
}

/** Plans the response to a request of an endpoint. */
export const planOf = (
  endpoint: Endpoint,
  body: string,
  reply: SimulatedReply,
  planContext: PlanContext
): Plan.Plan => {
  const { wire } = endpoint
  const model = endpoint.model || (text(Reflect.get(parseJson(body) ?? {}, "model")) ?? "")
  const answered = repliedTo(endpoint, body, model, reply, planContext)
  const plan = faultsOf(reply).reduce(
    (planned, fault) => applyFault(planned, fault, { ...planContext, wire, model }),
    Plan.withHeaders(answered, lowerCased(reply.headers ?? {}))
  )
  return reply.keepAlive === undefined ? plan : withKeepAlive(plan, reply.keepAlive, wire)
}

/** Plans the refusal of a request. */
export const refusal = (wire: WireFormat, error: ServedError, model: string): Plan.Plan => {
  const { status, headers, body } = wire.errorResponse(error, model)
  return Plan.withHeaders(Plan.json(status, body, wire.json), headers)
}

const repliedTo = (
  endpoint: Endpoint,
  body: string,
  model: string,
  reply: SimulatedReply,
  planContext: PlanContext
): Plan.Plan => {
  const { status } = reply
  const stated = (plan: Plan.Plan): Plan.Plan =>
    status === undefined || plan.head === undefined ? plan : { ...plan, head: { ...plan.head, status } }
  if (reply.body !== undefined) return stated(given(reply.body))
  const error = reply.error ?? (status !== undefined && status >= 400 ? kindOf(status) : undefined)
  if (error !== undefined) return stated(refusal(endpoint.wire, errorOf(error), model))
  const json = endpoint.isScripted && endpoint.hasBody !== false ? parseJson(body) : {}
  if (!isObject(json)) return refusal(endpoint.wire, { kind: "invalidRequest" }, model)
  const pace = reply.pace ?? planContext.pace
  return Either.match(endpoint.respond(json, reply), {
    onLeft: (problem) => refusal(endpoint.wire, problem, model),
    onRight: (responded) =>
      stated(
        responded.type === "stream"
          ? Plan.streamed(responded.events, responded.contentType, pace)
          : Plan.complete(responded.body, responded.deltas, pace, endpoint.wire.json)
      )
  })
}

/** A script's own body; a string says by its beginning what it is. */
const given = (body: unknown): Plan.Plan => {
  if (typeof body !== "string") return Plan.json(200, body)
  if (/^(?:data|event|id|retry)?:/.test(body)) return Plan.sent(200, "text/event-stream; charset=utf-8", body)
  if (/^\s*</.test(body)) return Plan.sent(200, "text/html; charset=utf-8", body)
  return Plan.sent(200, /^\s*[[{]/.test(body) ? "application/json" : "text/plain; charset=utf-8", body)
}

const lowerCased = (headers: { readonly [name: string]: string }): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
