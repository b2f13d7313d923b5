/** Hono. */
import { Hono } from "hono"
import { LLMClient } from "llm-connectivity"
import { toEventResponse } from "llm-connectivity/server"
import { runtime } from "./runtime.js"

export const app = new Hono().post("/chat", async ({ req }) => {
  const body = await req.json().catch(() => undefined)
  const stream = LLMClient.chatStream({ messages: body?.messages })
  return runtime.runPromise(toEventResponse(stream, { signal: req.raw.signal }))
})
