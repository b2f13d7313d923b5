/** Handles one request: reads it, records it and sends the planned response. */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseJson } from "../../http/Json.js"
import { idOf } from "../../protocol/serve/hash.js"
import type { BackgroundResponses } from "./BackgroundResponses.js"
import { batchPlan, batchProtocolOf } from "./batches/batchRoutes.js"
import type { SimulatedBatches } from "./batches/SimulatedBatches.js"
import * as Cors from "./Cors.js"
import { type Endpoint, protocolOf, wireFormats } from "./Endpoint.js"
import { isAuthorized, queryOf, withoutKeyInQuery, withoutKeys } from "./Keys.js"
import { type Plan, withDefaultHeaders } from "./Plan.js"
import { type PlanContext, planOf, refusal } from "./Planner.js"
import { play } from "./playback.js"
import type { Script } from "./Script.js"
import type { ProtocolName } from "./SimulatedReply.js"
import type { ClosedRequest, SimulatedRequest } from "./SimulatedRequest.js"

/** What every request is handled with. */
export interface HandlerContext {
  readonly apiKey: string
  readonly script: Script
  readonly batches: SimulatedBatches
  readonly background: BackgroundResponses
  readonly planContext: Omit<PlanContext, "path">
  /** Remembers a request. */
  readonly remember: (request: SimulatedRequest) => void
}

/** Makes the handler of all requests. */
export const handlerOf = (context: HandlerContext) => {
  const resetOnReuse = new WeakSet<object>()
  let count = 0
  return (
    request: HttpServerRequest.HttpServerRequest,
    incoming: IncomingMessage,
    response: ServerResponse
  ): Effect.Effect<void> =>
    Effect.gen(function* () {
      const { socket } = incoming
      if (resetOnReuse.has(socket)) return socket.resetAndDestroy()
      const { method, url, headers } = request
      if (Cors.isPreflight(method, headers)) {
        yield* play(Cors.preflight(protocolOf(url, headers), headers), response)
        return
      }
      const body = yield* HttpIncomingMessage.withMaxBodySize(Effect.option(request.text), Option.none())
      // The caller disconnected before its body was complete.
      if (Option.isNone(body)) return
      const closed = yield* Deferred.make<ClosedRequest>()
      const call = callOf(request, body.value, context.background, Deferred.await(closed))
      context.remember(call.request)
      const id = `req_${idOf(String(count++), 24)}`
      const { protocol } = call.request
      const wire = wireFormats[protocol]
      const plan = withDefaultHeaders(planFor(call, context, yield* Clock.currentTimeMillis), {
        ...wire.headers,
        [wire.requestIdHeader]: id,
        ...Cors.readable(protocol, headers)
      })
      if (plan.isResetOnReuse) resetOnReuse.add(socket)
      yield* Deferred.succeed(closed, yield* play(plan, response))
    }).pipe(
      // Interrupting is for the caller's closing, which `play` sees itself, and so ends without a failure to report.
      Effect.uninterruptible,
      // The platform leaves alone what has ended.
      Effect.ensuring(Effect.sync(() => response.end()))
    )
}

interface Call {
  readonly request: SimulatedRequest
  readonly endpoint: Endpoint | undefined
  readonly text: string
  readonly headers: { readonly [name: string]: string | undefined }
  readonly path: string
}

const callOf = (
  { method, url, headers }: HttpServerRequest.HttpServerRequest,
  text: string,
  background: BackgroundResponses,
  closed: Effect.Effect<ClosedRequest>
): Call => {
  const endpoint = background.endpointAt(method, url, headers)
  const protocol: ProtocolName = batchProtocolOf(url) ?? endpoint?.protocol ?? protocolOf(url, headers)
  const body = parseJson(text) ?? text
  const request = { method, path: withoutKeyInQuery(url), protocol, headers: withoutKeys(headers), body, closed }
  return { request, endpoint, text, headers, path: url }
}

const planFor = (call: Call, context: HandlerContext, now: number): Plan => {
  const { request, path, headers, text } = call
  const { protocol, method } = request
  const wire = wireFormats[protocol]
  const isAboutBatches = batchProtocolOf(path) !== undefined
  const unknown = { kind: "notFound", message: `Invalid URL (${method} ${request.path})` } as const
  if (call.endpoint === undefined && !isAboutBatches) return refusal(wire, unknown, "")
  if (!isAuthorized(protocol, headers, path, context.apiKey)) return refusal(wire, { kind: "authentication" }, "")
  if (call.endpoint === undefined || isAboutBatches) {
    const [name = ""] = path.split("?")
    const { batches } = context
    const plan = batchPlan(protocol, { wire, batches, method, path: name, query: queryOf(path), headers, text, now })
    return plan ?? refusal(wire, unknown, "")
  }
  const reply = call.endpoint.isScripted ? context.script.next(request) : {}
  return planOf(call.endpoint, text, reply, { ...context.planContext, path })
}
