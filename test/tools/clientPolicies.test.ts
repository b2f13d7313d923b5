/** Each step of a loop is a call of the client: its policies, its budget and its timeouts apply to each. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema } from "effect"
import {
  LLMClient,
  ModelCatalog,
  OpenAI,
  Policy,
  Provider,
  RateLimitError,
  Spending,
  StreamChunk
} from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { call, finish } from "../support/toolCalls.js"

const weather = Tool.make("weather", {
  description: "Tells the weather",
  parameters: { city: Schema.String },
  execute: ({ city }) => Effect.succeed(`sunny in ${city}`)
})

const messages = [{ role: "user" as const, content: "And in Rome?" }]

// In dollars for a million tokens: half a dollar for each token of output.
const prices = ModelCatalog.layerOf([{ provider: "openai", model: "m", prices: { input: 1000, output: 500_000 } }])

const calling = (city: string) => [call("weather", { city }), finish(10)]

const limited = new RateLimitError({ provider: "openai", model: "m", message: "slow down", reason: "RateLimit" })

const clientOf = (responses: MockResponses, policies: ReadonlyArray<Policy.Policy> = []) =>
  LLMClient.fromProvider(OpenAI, { model: "m", guards: [Spending.policy], policies }).pipe(
    Layer.provideMerge(MockLLM.provider(OpenAI, responses))
  )

const run = ToolLoop.run({ messages, maxTokens: 2 }, { tools: [weather] })

describe("a step of a loop", () => {
  it.effect("is not sent where the budget of the client has no room for it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run)
      expect(error).toMatchObject({ _tag: "InsufficientCreditsError", attempts: 0 })
      expect(yield* MockLLM.requests).toHaveLength(2)
      // Twice 10 tokens in and one out.
      expect((yield* Spending.spent).total.dollars).toBeCloseTo(1.02)
    }).pipe(
      Effect.provide(clientOf([calling("Rome"), calling("Oslo"), "never"])),
      Effect.provide(Spending.layer({ budget: { total: 1.9 } })),
      Effect.provide(prices)
    )
  )

  it.effect("is repeated by the retries of the client, and no tool runs again", () =>
    Effect.gen(function* () {
      const response = yield* run
      expect(response.content).toBe("Sunny.")
      expect(response.steps).toHaveLength(2)
      expect(yield* MockLLM.requests).toHaveLength(3)
    }).pipe(
      Effect.provide(clientOf([calling("Rome"), limited, "Sunny."], [Policy.retry({ rateLimit: Schedule.recurs(1) })])),
      Effect.provide(Spending.layer({})),
      Effect.provide(prices)
    )
  )

  it.effect("has the timeouts of the call", () => {
    const seen: Array<unknown> = []
    const provider = Provider.make({
      name: "openai",
      open: (request, options) => {
        seen.push(options?.timeouts)
        const answer = request.messages.at(-1)?.role === "user" ? calling("Rome") : [{ finishReason: "stop" as const }]
        const reads = [answer.map((fields) => StreamChunk.make(fields))]
        return Effect.succeed(Effect.sync(() => reads.shift() ?? []))
      }
    })
    const client = LLMClient.fromProvider(OpenAI, { model: "m", timeouts: { headers: "5 seconds" } })
    return ToolLoop.run({ messages }, { tools: [weather], timeouts: { total: "1 minute" } }).pipe(
      Effect.provide(Layer.provide(client, Layer.succeed(OpenAI, provider))),
      Effect.tap(() => expect(seen).toEqual(Array(2).fill({ headers: "5 seconds", total: "1 minute" })))
    )
  })
})
