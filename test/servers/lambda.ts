/** AWS Lambda with response streaming: its runtime provides the global `awslambda`. */
import type { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { LLMClient, toAsyncIterable } from "llm-connectivity"
import { encodeEvents } from "llm-connectivity/server"
import { runtime } from "./runtime.js"

export const handler = awslambda.streamifyResponse(async (event: { readonly body: string }, output: Writable) => {
  const stream = LLMClient.chatStream({ messages: JSON.parse(event.body).messages })
  const metadata = { statusCode: 200, headers: { "content-type": "text/event-stream" } }
  const events = toAsyncIterable(encodeEvents(stream), await runtime.runtime())
  await pipeline(events, awslambda.HttpResponseStream.from(output, metadata))
})
