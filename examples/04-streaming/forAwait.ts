/**
 * A stream in a program without Effect. Run it with `npx tsx examples/04-streaming/forAwait.ts`: it prints an answer as it
 * arrives, in a loop that it leaves early.
 */
import * as ManagedRuntime from "effect/ManagedRuntime"
import { LLMClient, toAsyncIterable } from "llm-connectivity"
import { answering } from "../support/answering.js"

const runtime = ManagedRuntime.make(answering)

const stream = LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 9 with words" }] })

for await (const { content } of toAsyncIterable(stream, await runtime.runtime())) {
  process.stdout.write(content)
  if (content.includes("five")) break
}

process.stdout.write(" … and so on\n")
await runtime.dispose()
