/**
 * Choosing the cheapest suitable model. Run it with `npx tsx examples/05-cost-optimization/cheapest.ts`: it prints
 * the three cheapest models with images, structured output and a long context, and the answer of the first.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type ChatRequest, Cost, LLMClient, ModelCatalog, type ModelInfo } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const request: ChatRequest = { messages: [{ role: "user", content: "What is a token?" }], maxTokens: 500 }

const fits = ({ provider, capabilities, inputModalities, limits, isDeprecated }: ModelInfo): boolean =>
  ["openai", "anthropic", "google"].includes(provider) &&
  capabilities?.includes("structuredOutput") === true &&
  inputModalities?.includes("image") === true &&
  (limits?.context ?? 0) >= 200_000 &&
  isDeprecated !== true

const priced = ({ provider, model }: ModelInfo) =>
  Effect.map(Cost.estimate(request, `${provider}/${model}`), ({ most }) => ({ model: `${provider}/${model}`, most }))

const program = Effect.gen(function* () {
  const { models, date } = yield* ModelCatalog
  const found = yield* Effect.forEach(models.filter(fits), priced)
  const sorted = found
    .flatMap(({ model, most }) => (most === null ? [] : [{ model, most }]))
    .sort((a, b) => a.most - b.most)
  yield* Console.log(`Of ${models.length} models, as of ${date}, ${sorted.length} fit:`)
  for (const { model, most } of sorted.slice(0, 3)) yield* Console.log(`  ${dollars(most)} at most  ${model}`)
  const client = LLMClient.layer({ model: sorted[0]?.model ?? "openai/gpt-4o-mini" })
  const { content, cost } = yield* Effect.provide(LLMClient.chat(request), client)
  yield* Console.log(`${content} (${dollars(cost)})`)
})

program.pipe(Effect.provide([providers, ModelCatalog.layer]), Effect.catchAll(printError), NodeRuntime.runMain)
