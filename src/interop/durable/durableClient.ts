/** The client of a durable loop: each response is stored, and read after a restart instead of requested again. */
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import type { ChatOptions } from "../../client/ClientOptions.js"
import type { LLMClientService } from "../../client/serve.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import { type ChatResponse, chunksOf } from "../../domain/ChatResponse.js"
import { ChatStream } from "../../domain/ChatStream.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { type CallRetries, modelCall } from "./modelCall.js"

/** The name of the activity of a step's model call. */
export const modelCallName = (step: number): string => `model/${step}`

/** Makes the client of one execution. It numbers its calls, because a loop makes them in sequence. */
export const durableClient = (
  client: LLMClientService,
  options: ChatOptions & CallRetries
): Effect.Effect<LLMClientService, never, WorkflowEngine | WorkflowInstance> =>
  Effect.map(Effect.context<WorkflowEngine | WorkflowInstance>(), (context) => {
    let step = 0
    const chat = (request: ChatRequest) =>
      Effect.suspend(() => Effect.provide(modelCall(client, modelCallName(step++), request, options), context))
    return { chat, chatStream: (request) => ChatStream.make(Effect.map(chat(request), pullOf)), embed: client.embed }
  })

const pullOf = (response: ChatResponse): Effect.Effect<ReadonlyArray<StreamChunk>> => {
  let unread = chunksOf(response)
  return Effect.sync(() => {
    const chunks = unread
    unread = []
    return chunks
  })
}
