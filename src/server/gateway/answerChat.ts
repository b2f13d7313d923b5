/** Answers a chat in a protocol of OpenAI, as one JSON body or as a stream of events. */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import type { JsonObject } from "../../http/Json.js"
import type { ReadRequest } from "../../protocol/serve/ReadRequest.js"
import type { ResponseHead, ResponseWriter } from "../../protocol/serve/ResponseWriter.js"
import { callOptionsOf, type GatewayCall, json } from "./GatewayCall.js"
import { type Rejection, rejectionOf } from "./Rejection.js"
import { respondWithStream } from "./respondWithStream.js"

/** How a protocol writes a response. */
export interface ChatWriter {
  readonly events: (head: ResponseHead) => ResponseWriter
  readonly body: (response: ChatResponse, head: ResponseHead) => JsonObject
}

/** Asks the model that a request names, if the caller may use it. */
export const answerChat = (
  { model, request, isStream }: ReadRequest,
  { events, body }: ChatWriter,
  call: GatewayCall
): Effect.Effect<HttpServerResponse.HttpServerResponse, Rejection, Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* call.models.clientOf(model, call.caller)
    const head = { id: call.id, model, createdAt: call.createdAt }
    const options = callOptionsOf(call)
    if (isStream) return yield* respondWithStream(client.chatStream(request, options), model, events(head), call)
    const response = yield* Effect.mapError(client.chat(request, options), (error) => rejectionOf(error, model))
    return json(body(response, head))
  })
