/** Answers chat completions requests, as one JSON body or as a stream of events. */
import * as Effect from "effect/Effect"
import { CompletionEvents } from "../../protocol/openai-chat/serve/CompletionEvents.js"
import { readChatRequest } from "../../protocol/openai-chat/serve/chatRequest.js"
import { completionBody } from "../../protocol/openai-chat/serve/completionBody.js"
import type { ResponseHead } from "../../protocol/serve/ResponseWriter.js"
import { answerChat } from "./answerChat.js"
import type { Answer } from "./GatewayCall.js"

/** Answers `POST /v1/chat/completions`. */
export const chatCompletions: Answer = (call) =>
  Effect.gen(function* () {
    const read = yield* readChatRequest(yield* call.body)
    const events = (head: ResponseHead) => new CompletionEvents(head, read)
    return yield* answerChat(read, { events, body: completionBody }, call)
  })
