/**
 * A streamed chat. Run it with `npm start`, or with questions of your own, `npm start -- "Explain recursion"`: it prints
 * each answer as it arrives, and then its finish reason, tokens and cost.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient, type Message, print } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const own = process.argv.slice(2)
const questions =
  own.length > 0 ? own : ["Count to 5 with words", "Explain streaming in one sentence", "Name 3 planets"]

const program = Effect.gen(function* () {
  const messages: Array<Message> = []
  for (const question of questions) {
    messages.push({ role: "user", content: question })
    yield* Console.log(`> ${question}`)
    const response = yield* print(LLMClient.chatStream({ messages }))
    messages.push(response.message)
    yield* Console.log(
      `  (${response.finishReason}, ${response.usage?.totalTokens} tokens, ${dollars(response.cost)})\n`
    )
  }
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
