/**
 * The fields of a response. Run it with `npx tsx examples/01-basic-usage/response.ts`: it prints the finish
 * reason, the provider and model, the tokens and the cost.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const program = Effect.gen(function* () {
  const response = yield* LLMClient.chat({ messages: [{ role: "user", content: "Count to 5 with words" }] })
  const { content, finishReason, provider, model, usage, cost } = response
  yield* Console.log(`content:       ${content}`)
  yield* Console.log(`finish reason: ${finishReason}`)
  yield* Console.log(`answered by:   ${provider}/${model}`)
  yield* Console.log(`tokens:        ${usage?.inputTokens} read, ${usage?.outputTokens} written`)
  yield* Console.log(`cost:          ${dollars(cost)}`)
})

program.pipe(Effect.provide(answering), Effect.catchAll(printError), NodeRuntime.runMain)
