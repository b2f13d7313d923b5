import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schedule, TestClock } from "effect"
import { LLMClient, NetworkError, OpenAI, Policy } from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { hello } from "../../support/openai.js"

const broken = new NetworkError({ provider: "openai", model: "m", message: "…", reason: "Server" })

const policy = Effect.map(Policy.retryBudget({ capacity: 5, refill: 0.5 }), (budget) =>
  Policy.retry({ network: Schedule.recurs(3), budget })
)

const client = (answers: MockResponses) =>
  LLMClient.fromProvider(OpenAI, { model: "m", policies: [policy] }).pipe(
    Layer.provideMerge(MockLLM.provider(OpenAI, answers))
  )

describe("a retry budget", () => {
  it.effect("limits the retries of many calls during an outage", () =>
    Effect.gen(function* () {
      yield* Effect.forEach(Array.from({ length: 100 }), () => Effect.exit(LLMClient.chat(hello)), {
        concurrency: "unbounded"
      })
      yield* TestClock.adjust("1 hour")
      expect(yield* MockLLM.requests).toHaveLength(105)
    }).pipe(Effect.provide(client(() => broken)))
  )

  it.effect("is refilled by successes", () =>
    Effect.gen(function* () {
      const ask = Effect.exit(LLMClient.chat(hello))
      yield* Effect.repeatN(ask, 9)
      const before = (yield* MockLLM.requests).length
      yield* ask
      yield* ask
      yield* ask
      // Two successes earned one retry; the call after them spends it.
      expect((yield* MockLLM.requests).length - before).toBe(4)
    }).pipe(Effect.provide(client((_, index) => (index === 15 || index === 16 ? "ok" : broken))))
  )
})
