import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { LLMClient, ModelCatalog, OpenAI, PolicyState, Spending } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { make as makeUsage } from "../../../src/domain/Usage.js"

const origin = { provider: "openai", model: "m" }

/** Costs 0.5 dollars, and reserves 0.5 and the prompt. */
const answer = ["Hi", { finishReason: "stop" as const, usage: makeUsage({ inputTokens: 0, outputTokens: 1 }), origin }]

const prices = ModelCatalog.layerOf([{ ...origin, prices: { input: 0, output: 500_000 } }])

const clientOf = (budget: Parameters<typeof Spending.layerShared>[0]["budget"]) =>
  LLMClient.fromProvider(OpenAI, { model: "m", policies: [], guards: [Spending.policy] }).pipe(
    Layer.provide(MockLLM.provider(OpenAI, () => answer)),
    Layer.provide(Spending.layerShared({ name: "test", budget })),
    Layer.provide([prices, PolicyState.memory])
  )

const chat = (caller: string) =>
  LLMClient.chat({ messages: [{ role: "user", content: "Hi" }], maxTokens: 1 }, { caller }).pipe(
    Effect.match({ onSuccess: () => "answered", onFailure: ({ _tag }) => _tag })
  )

const refused = "InsufficientCreditsError"

describe("a budget of each tenant", () => {
  it.effect("is not used up by another tenant, and begins anew the next day", () =>
    Effect.gen(function* () {
      expect([yield* chat("ann"), yield* chat("ann"), yield* chat("ann")]).toEqual(["answered", "answered", refused])
      expect(yield* chat("bob")).toBe("answered")
      yield* TestClock.adjust("23 hours")
      expect(yield* chat("ann")).toBe(refused)
      yield* TestClock.adjust("1 hour")
      expect(yield* chat("ann")).toBe("answered")
    }).pipe(Effect.provide(clientOf({ callers: 1, per: "day" })))
  )

  it.effect("of a month begins anew with the next month", () =>
    Effect.gen(function* () {
      expect([yield* chat("ann"), yield* chat("ann"), yield* chat("ann")]).toEqual(["answered", "answered", refused])
      yield* TestClock.adjust("30 days")
      expect(yield* chat("ann")).toBe(refused)
      yield* TestClock.adjust("1 day")
      expect(yield* chat("ann")).toBe("answered")
    }).pipe(Effect.provide(clientOf({ callers: { ann: 1 }, per: "month" })))
  )
})
