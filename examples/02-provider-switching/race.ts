/**
 * A race under a budget: the first complete answer wins. Run it with `npx tsx examples/02-provider-switching/race.ts`: it
 * prints the winner, how many connections were closed early, and how many costs are estimates.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { collect, LLMClient, ModelCatalog, Spending } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { printError } from "../support/terminal.js"

const models = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5", "google/gemini-2.5-flash"] as const

const answerOf = (model: (typeof models)[number]) =>
  collect(LLMClient.chatStream({ messages: [{ role: "user", content: "Count to 5" }], maxTokens: 100 })).pipe(
    Effect.provide(LLMClient.layer({ model, guards: [Spending.policy] }))
  )

const program = Effect.gen(function* () {
  const { provider, content } = yield* Effect.raceAll(models.map(answerOf)) // interrupts the others
  yield* Console.log(`${provider}: ${content}`)
  const ends = yield* Effect.forEach(yield* Simulator.requests, ({ closed }) => closed)
  yield* Console.log(`${ends.filter(({ closedBy }) => closedBy === "caller").length} connections were closed early`)
  const { total } = yield* Spending.spent
  yield* Console.log(`${total.requests} requests; the cost of ${total.estimated} is an estimate`)
})

const simulator = Simulator.layerConfig({
  script: ({ protocol }) => ({ pace: protocol === "anthropic-messages" ? "2 millis" : "2 seconds" })
})

program.pipe(
  Effect.provide(Spending.layer({ budget: { total: 0.01 } })), // one budget for all three
  Effect.provide([FetchHttpClient.layer, ModelCatalog.layer, simulator]),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
