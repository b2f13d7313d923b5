/**
 * Sends a request and prints the response. Run it with `npx tsx examples/01-basic-usage/chat.ts`: it prints one
 * sentence.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const program = Effect.gen(function* () {
  const response = yield* LLMClient.chat({
    messages: [{ role: "user", content: "Explain TypeScript in one sentence" }]
  })
  yield* Console.log(response.content)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
