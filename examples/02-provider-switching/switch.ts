/**
 * One program, four providers. Run it with `npx tsx examples/02-provider-switching/switch.ts`: it prints the answer of
 * each provider, or its error. Only the model string changes.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { LLMClient, type ModelId } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const models: ReadonlyArray<ModelId> = [
  "openai/gpt-4o-mini",
  "anthropic/claude-haiku-4-5",
  "google/gemini-2.5-flash",
  "groq/llama-3.3-70b-versatile"
]

const question = Effect.gen(function* () {
  const messages = [{ role: "user", content: "What is the capital of Portugal?" }] as const
  const { content, usage, cost } = yield* LLMClient.chat({ messages, maxTokens: 50 })
  return `${content} (${usage?.totalTokens} tokens, ${dollars(cost)})`
})

const program = Effect.forEach(models, (model) =>
  question.pipe(
    Effect.provide(LLMClient.layer({ model })),
    Effect.catchAll((error) => Effect.succeed(error.message)),
    Effect.flatMap((text) => Console.log(`${model}: ${text}`))
  )
)

program.pipe(Effect.provide(providers), Effect.catchAll(printError), NodeRuntime.runMain)
