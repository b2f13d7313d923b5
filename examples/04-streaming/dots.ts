/**
 * Progress dots. Run it with `npx tsx examples/04-streaming/dots.ts`: it prints a dot for each piece of the
 * answer, and then the answer.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, LLMClient } from "llm-connectivity"
import { dots } from "llm-connectivity/progress"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const program = Effect.gen(function* () {
  const messages = [{ role: "user", content: "Explain streaming in one sentence" }] as const
  const response = yield* LLMClient.chatStream({ messages, maxTokens: 100 }).pipe(dots(), collect)
  yield* Console.log(`Response: ${response.content}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
