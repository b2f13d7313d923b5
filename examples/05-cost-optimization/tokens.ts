/**
 * Token counts: estimated, by OpenAI's encoding, and by a request to the provider. Run it with
 * `npx tsx examples/05-cost-optimization/tokens.ts`: it prints the three counts and whether each is exact.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type ModelId, ProviderTokens, TokenCounter } from "llm-connectivity"
import { OpenAITokens } from "llm-connectivity/tokens"
import { providers } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const text = "Counting tokens before you send them tells you what a prompt will cost, and whether it fits at all."

const count = (how: string, model: ModelId) =>
  Effect.flatMap(TokenCounter.count(text, model), ({ tokens, isExact }) =>
    Console.log(`${how} ${isExact ? "" : "about "}${tokens} tokens for ${model}`)
  )

const program = Effect.gen(function* () {
  yield* count("by estimate:    ", "anthropic/claude-haiku-4-5")
  yield* count("by its encoding:", "openai/gpt-4o-mini").pipe(Effect.provide(OpenAITokens.layer))
  yield* count("by asking:      ", "google/gemini-2.5-flash").pipe(
    Effect.provide(ProviderTokens.layer("google/gemini-2.5-flash"))
  )
})

program.pipe(Effect.provide(providers), Effect.catchAll(printError), NodeRuntime.runMain)
