/**
 * Prompt caching. Run it with `npx tsx examples/05-cost-optimization/caching.ts`: it prints the cost of three
 * questions about the same text, with and without the provider's cache.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { Cost, LLMClient, type Message, ModelCatalog } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const handbook = "Every request has a deadline, and whoever misses it says so before it has passed. ".repeat(200)

const program = Effect.gen(function* () {
  const catalog = yield* ModelCatalog
  const messages: Array<Message> = [{ role: "system", content: [{ type: "text", text: handbook, cache: "5m" }] }]
  for (const content of ["What is a rate limit?", "What is backpressure?", "What is streaming?"]) {
    messages.push({ role: "user", content })
    const response = yield* LLMClient.chat({ messages })
    messages.push(response.message)
    const { usage, cost } = response
    if (usage === null) continue
    const { inputTokens, cacheWriteTokens, cacheReadTokens } = usage
    const uncached = Cost.dollarsOf(catalog, response, { ...usage, cacheWriteTokens: 0, cacheReadTokens: 0 })
    yield* Console.log(`${inputTokens} tokens read, ${cacheWriteTokens} to the cache, ${cacheReadTokens} from it:`)
    yield* Console.log(`  ${dollars(cost)} instead of ${dollars(uncached)}`)
  }
})

const client = LLMClient.layer({ model: "anthropic/claude-sonnet-4-5" })
program.pipe(
  Effect.provide(client),
  Effect.provide([providers, ModelCatalog.layer]),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
