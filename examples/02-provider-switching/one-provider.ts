/**
 * A client of one provider, which keeps the other providers out of the bundle. Run it with
 * `npx tsx examples/02-provider-switching/one-provider.ts`: it prints the answers of two of its models.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Anthropic, LLMClient } from "llm-connectivity"
import { providers } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const client = LLMClient.fromProvider(Anthropic, { model: "claude-haiku-4-5" }).pipe(
  Layer.provide(Anthropic.layerConfig)
)

const messages = [{ role: "user", content: "Count to 3 with words" }] as const

const program = Effect.gen(function* () {
  const usual = yield* LLMClient.chat({ messages })
  yield* Console.log(`${usual.model}: ${usual.content}`)
  const larger = yield* LLMClient.chat({ messages, model: "claude-sonnet-4-5" })
  yield* Console.log(`${larger.model}: ${larger.content}`)
})

program.pipe(Effect.provide(client), Effect.provide(providers), Effect.catchAll(printError), NodeRuntime.runMain)
