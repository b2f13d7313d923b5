/**
 * A spending budget. Run it with `npx tsx examples/05-cost-optimization/budget.ts`: it prints the answers within
 * the budget, the error of the request that could exceed it, and the amount spent.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient, ModelCatalog, Spending } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const client = LLMClient.layer({ model: "openai/gpt-4o-mini", guards: [Spending.policy] })

const ask = (content: string) =>
  LLMClient.chat({ messages: [{ role: "user", content }], maxTokens: 40 }).pipe(
    Effect.map((response) => response.content),
    Effect.catchTag("InsufficientCreditsError", (error) => Effect.succeed(error.message)),
    Effect.flatMap((text) => Console.log(`> ${content}\n${text}\n`))
  )

const program = Effect.gen(function* () {
  yield* ask("What is a fiber?")
  yield* ask("What is an LLM?")
  yield* ask("What is a monad?")
  const { total } = yield* Spending.spent
  yield* Console.log(`${total.requests} requests, ${dollars(total.dollars)}`)
})

program.pipe(
  Effect.provide(client),
  Effect.provide(Spending.layer({ budget: { total: 0.00005 } })),
  Effect.provide([providers, ModelCatalog.layer]),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
