/**
 * An answer that is printed as it arrives, and kept. Run it with `npx tsx examples/04-streaming/aggregate.ts`: it prints
 * the answer, and then what it adds up to.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, LLMClient, tapPrint } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const streamAndAggregate = (content: string) =>
  LLMClient.chatStream({ messages: [{ role: "user", content }], maxTokens: 100 }).pipe(tapPrint(), collect)

const program = Effect.gen(function* () {
  const response = yield* streamAndAggregate("Explain recursion in one sentence")
  yield* Console.log(`\n\n${response.content.length} characters, ${response.usage?.outputTokens} tokens`)
  yield* Console.log(`Complete answer: ${response.content}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
