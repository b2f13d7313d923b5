/**
 * Fallback to another provider. Run it with `npx tsx examples/02-provider-switching/fallback.ts`: it prints which
 * provider answered while OpenAI was overloaded, and the requests that were sent.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { LLMClient, Policy, print } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { simulated } from "../support/answering.js"
import { printError } from "../support/terminal.js"

const twice = Policy.retry({ rateLimit: Schedule.recurs(1) })

const client = simulated({
  model: "openai/gpt-4o-mini",
  policies: [Policy.fallback("anthropic/claude-haiku-4-5"), twice]
})

const program = Effect.gen(function* () {
  yield* Simulator.script({ error: "overloaded" }, { error: "overloaded" })
  const stream = LLMClient.chatStream({ messages: [{ role: "user", content: "What is the capital of Japan?" }] })
  const { provider, model } = yield* print(stream)
  yield* Console.log(`answered by ${provider}/${model}`)
  yield* Effect.forEach(yield* Simulator.requests, ({ protocol }, index) =>
    Console.log(`request ${index + 1}: ${protocol}`)
  )
})

program.pipe(Effect.provide(client), Effect.catchAll(printError), NodeRuntime.runMain)
