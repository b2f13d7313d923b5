/**
 * A status line that updates in place. Run it with `npx tsx examples/04-streaming/status.ts`: it prints
 * seconds, tokens, tokens per second and cost while the answer arrives, and then the answer.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type ChatRequest, collect, LLMClient, ModelCatalog } from "llm-connectivity"
import { status } from "llm-connectivity/progress"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const request: ChatRequest = { messages: [{ role: "user", content: "Write a story in 60 words" }] }

const program = Effect.gen(function* () {
  const stream = LLMClient.chatStream(request)
  const response = yield* stream.pipe(status({ model: "openai/gpt-4o-mini", request }), collect)
  yield* Console.log(response.content)
})

program.pipe(Effect.provide([answering, ModelCatalog.layer]), Effect.catchAll(printError), NodeRuntime.runMain)
