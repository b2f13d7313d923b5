/** Express, and every server that is called with Node's request and response. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import express from "express"
import { LLMClient } from "llm-connectivity"
import { respondWithEvents } from "llm-connectivity/server"
import { runtime } from "./runtime.js"

export const app = express().use(express.json())

app.post("/chat", async (request, response) => {
  const stream = LLMClient.chatStream({ messages: request.body?.messages })
  const handle = await runtime.runPromise(NodeHttpServer.makeHandler(respondWithEvents(stream)))
  handle(request, response)
})
