/** Answers Responses requests, as one JSON body or as a stream of events. Nothing is stored. */
import * as Effect from "effect/Effect"
import { ResponseEvents } from "../../protocol/openai-responses/serve/ResponseEvents.js"
import { responseBody } from "../../protocol/openai-responses/serve/responseBody.js"
import { readResponseRequest } from "../../protocol/openai-responses/serve/responseRequest.js"
import { type Answer, callOptionsOf, json } from "./GatewayCall.js"
import { rejectionOf } from "./Rejection.js"
import { respondWithStream } from "./respondWithStream.js"

/** Answers `POST /v1/responses`. */
export const responses: Answer = (call) =>
  Effect.gen(function* () {
    const read = yield* readResponseRequest(yield* call.body)
    const { model, request, wantsSeals } = read
    const client = yield* call.models.clientOf(model, call.caller)
    const head = { id: call.id, model, createdAt: call.createdAt }
    if (read.isStream) {
      const stream = client.chatStream(request, callOptionsOf(call))
      return yield* respondWithStream(stream, model, new ResponseEvents(head, read), call)
    }
    const chat = client.chat(request, callOptionsOf(call))
    return json(responseBody(yield* Effect.mapError(chat, (error) => rejectionOf(error, model)), head, wantsSeals))
  })
