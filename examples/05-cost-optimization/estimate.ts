/**
 * The estimated and the actual cost of a request. Run it with
 * `npx tsx examples/05-cost-optimization/estimate.ts`: it prints both.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type ChatRequest, Cost, LLMClient, ModelCatalog } from "llm-connectivity"
import { answering } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const request: ChatRequest = {
  messages: [{ role: "user", content: "Explain backpressure in one sentence" }],
  maxTokens: 200
}

const program = Effect.gen(function* () {
  const { prompt, least, most } = yield* Cost.estimate(request, "openai/gpt-4o-mini")
  yield* Console.log(`before: about ${prompt.tokens} tokens to read, from ${dollars(least)} to ${dollars(most)}`)
  const { usage, cost } = yield* LLMClient.chat(request)
  yield* Console.log(`after:  ${usage?.inputTokens} read and ${usage?.outputTokens} written, ${dollars(cost)}`)
})

program.pipe(Effect.provide([answering, ModelCatalog.layer]), Effect.catchAll(printError), NodeRuntime.runMain)
