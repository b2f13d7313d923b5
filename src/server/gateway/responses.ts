/** Answers Responses requests, as one JSON body or as a stream of events. Nothing is stored. */
import * as Effect from "effect/Effect"
import type { ChatResponse } from "../../domain/ChatResponse.js"
import { ResponseEvents } from "../../protocol/openai-responses/serve/ResponseEvents.js"
import { responseBody } from "../../protocol/openai-responses/serve/responseBody.js"
import { readResponseRequest } from "../../protocol/openai-responses/serve/responseRequest.js"
import type { ResponseHead } from "../../protocol/serve/ResponseWriter.js"
import { answerChat } from "./answerChat.js"
import type { Answer } from "./GatewayCall.js"

/** Answers `POST /v1/responses`. */
export const responses: Answer = (call) =>
  Effect.gen(function* () {
    const read = yield* readResponseRequest(yield* call.body)
    const events = (head: ResponseHead) => new ResponseEvents(head, read)
    const body = (response: ChatResponse, head: ResponseHead) => responseBody(response, head, read.wantsSeals)
    return yield* answerChat(read, { events, body }, call)
  })
