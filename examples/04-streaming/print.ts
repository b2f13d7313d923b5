/**
 * Printing a stream. Run it with `npx tsx examples/04-streaming/print.ts`: it prints five numbers as they
 * arrive.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect } from "effect"
import { LLMClient, print } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError, write } from "../support/terminal.js"

const program = Effect.gen(function* () {
  const messages = [{ role: "user", content: "Count to 5 with words" }] as const
  yield* print(LLMClient.chatStream({ messages, maxTokens: 50 }))
  yield* write("\n")
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
