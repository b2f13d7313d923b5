/**
 * A budget that holds. Run it with `npx tsx examples/05-cost-optimization/budget.ts`: it prints the answers that the
 * budget allows, the refusal of the one that it does not, and what was spent.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { LLMClient, ModelCatalog, Spending } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { complain } from "../support/terminal.js"

const client = LLMClient.layer({ model: "openai/gpt-4o-mini", guards: [Spending.policy] })

const ask = (content: string) =>
  LLMClient.chat({ messages: [{ role: "user", content }], maxTokens: 40 }).pipe(
    Effect.map((response) => response.content),
    Effect.catchTag("InsufficientCreditsError", (error) => Effect.succeed(error.message)),
    Effect.flatMap((said) => Console.log(`> ${content}\n${said}\n`))
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
  Effect.catchAll(complain),
  NodeRuntime.runMain
)
