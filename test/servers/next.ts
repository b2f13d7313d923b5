/** A route of Next, in `app/chat/route.ts`. */
import { LLMClient } from "llm-connectivity"
import { toEventResponse } from "llm-connectivity/server"
import { runtime } from "./runtime.js"

export const POST = async (request: Request): Promise<Response> => {
  const body = await request.json().catch(() => undefined)
  const stream = LLMClient.chatStream({ messages: body?.messages })
  return runtime.runPromise(toEventResponse(stream, { signal: request.signal }))
}
