/** Fastify. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { fastify } from "fastify"
import { type ChatRequest, LLMClient } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"
import { runtime } from "./runtime.js"

export const app = fastify()

app.post<{ Body: ChatRequest }>("/chat", async (request, reply) => {
  reply.hijack() // from here on, this handler writes the response
  const stream = LLMClient.chatStream({ messages: request.body?.messages })
  const handle = await runtime.runPromise(NodeHttpServer.makeHandler(respondWithEvents(stream)))
  handle(request.raw, reply.raw)
})
