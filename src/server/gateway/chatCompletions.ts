/** Answers chat completions requests, as one JSON body or as a stream of events. */
import * as Effect from "effect/Effect"
import { CompletionEvents } from "../../protocol/openai-chat/serve/CompletionEvents.js"
import { readChatRequest } from "../../protocol/openai-chat/serve/chatRequest.js"
import { completionBody } from "../../protocol/openai-chat/serve/completionBody.js"
import { type Answer, callOptionsOf, json } from "./GatewayCall.js"
import { rejectionOf } from "./Rejection.js"
import { respondWithStream } from "./respondWithStream.js"

/** Answers `POST /v1/chat/completions`. */
export const chatCompletions: Answer = (call) =>
  Effect.gen(function* () {
    const read = yield* readChatRequest(yield* call.body)
    const { model, request } = read
    const client = yield* call.models.clientOf(model, call.caller)
    const head = { id: call.id, model, createdAt: call.createdAt }
    if (read.isStream) {
      const stream = client.chatStream(request, callOptionsOf(call))
      return yield* respondWithStream(stream, model, new CompletionEvents(head, read), call)
    }
    const chat = client.chat(request, callOptionsOf(call))
    return json(completionBody(yield* Effect.mapError(chat, (error) => rejectionOf(error, model)), head))
  })
