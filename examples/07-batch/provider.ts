/** The provider of `npx tsx examples/07-batch/batch.ts`: it limits every fifth request and rejects one prompt. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { LLMClient, Policy } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"

const simulator = Simulator.layerConfig({
  script: ({ body }, index) => {
    if (index % 5 === 4) return { error: { kind: "rateLimit", retryAfter: "100 millis" } }
    return JSON.stringify(body).includes("count to 8") ? { error: "contextWindow" } : {}
  }
})

/** Retries often enough for a batch. */
const policy = Policy.retry({ rateLimit: Schedule.recurs(10) })

export const provider = LLMClient.layer({ model: "openai/gpt-4o-mini", policies: [policy] }).pipe(
  Layer.provide(simulator),
  Layer.provide(FetchHttpClient.layer)
)
