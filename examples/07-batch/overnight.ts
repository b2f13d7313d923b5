/**
 * The provider's own batches, at half the price, in work that goes on after a crash. Run it with
 * `npx tsx examples/07-batch/overnight.ts`: it prints an answer, the cost and what single requests would have cost.
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { ProviderBatch } from "llm-connectivity/batch"
import { Durable, DurableBatch } from "llm-connectivity/durable"
import { Simulator } from "llm-connectivity/testing"
import { dollars } from "../support/money.js"
import { printError } from "../support/terminal.js"

const prompts = Array.from({ length: 12 }, (_, index) => `Please count to ${index + 1} with words`)

const batch = DurableBatch.make("counts", {
  path: ProviderBatch.layer({ model: "openai/gpt-4o-mini" }),
  every: "50 millis",
  maxTokens: 100
})

const program = batch.run("2026-11-29", prompts).pipe(
  Stream.tap(({ index, result }) =>
    index === 2 ? Effect.flatMap(result, ({ content }) => Console.log(`prompt 2: ${content}`)) : Effect.void
  ),
  Stream.runLast,
  Effect.flatten,
  Effect.flatMap(({ completed, total, cost }) =>
    Console.log(`${completed} of ${total} for ${dollars(cost)}, one by one for ${dollars(2 * cost)}`)
  )
)

// A real night needs `Durable.sqlite("work.db")` instead of memory, and no simulator.
program.pipe(
  Effect.provide(batch.layer),
  Effect.provide(Durable.memory),
  Effect.provide(Layer.merge(FetchHttpClient.layer, Simulator.layerConfig())),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
