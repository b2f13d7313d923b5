/**
 * A conversation with several turns. Run it with `npx tsx examples/01-basic-usage/conversation.ts`: it prints the
 * questions and answers, and the growing size of the prompt.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient, type Message } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const questions = ["What is the capital of Norway?", "And what is the capital of Kenya?", "Count to 3 with words"]

const program = Effect.gen(function* () {
  const messages: Array<Message> = [{ role: "system", content: "You are a teacher. Answer in one short sentence." }]
  for (const question of questions) {
    messages.push({ role: "user", content: question })
    const response = yield* LLMClient.chat({ messages })
    messages.push(response.message)
    yield* Console.log(`You:   ${question}`)
    yield* Console.log(`Model: ${response.content}`)
    yield* Console.log(`       (a prompt of ${messages.length - 1} messages, ${response.usage?.inputTokens} tokens)\n`)
  }
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
