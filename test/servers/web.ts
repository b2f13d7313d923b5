/** Any server that calls a function from a web `Request` to a `Response`: Deno, Bun, Workers. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApp from "@effect/platform/HttpApp"
import * as Layer from "effect/Layer"
import { LLMClient, Message } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"

const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(FetchHttpClient.layer))
const stream = LLMClient.chatStream({ messages: [Message.user("Count to 5 with words")] })

export const { handler, dispose } = HttpApp.toWebHandlerLayer(respondWithEvents(stream), client)
