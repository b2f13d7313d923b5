import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import {
  Anthropic,
  type ChatRequest,
  Cost,
  collect,
  LLMClient,
  ModelCatalog,
  type ModelInfo,
  OpenAI,
  StreamChunk,
  Usage
} from "llm-connectivity"
import { MockLLM, Simulator } from "llm-connectivity/testing"
import { make as makeUsage } from "../../src/domain/Usage.js"

const request: ChatRequest = { messages: [{ role: "user", content: "Count to 5 with words" }] }

/** Prices that reveal the counts in a cost: $0.1 per prompt token and $0.000001 per answer token. */
const telling: ReadonlyArray<ModelInfo> = ["gpt-4o-mini", "text-embedding-3-small"].map((model) => ({
  provider: "openai",
  model,
  prices: { input: 100_000, output: 1 }
}))

const simulated = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.provide(Simulator.layerConfig({ pace: 0 })))

const byModelString = <A, E, R>(effect: Effect.Effect<A, E, R>, model = "openai/gpt-4o-mini") =>
  effect.pipe(Effect.provide(Layer.provide(LLMClient.layer({ model }), FetchHttpClient.layer)), simulated)

const byProvider = LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini" }).pipe(
  Layer.provide(Layer.provide(OpenAI.layerConfig, FetchHttpClient.layer))
)

describe("the cost of a response", () => {
  it.effect("is available from a client chosen by a model string, for chat and streams", () =>
    Effect.gen(function* () {
      const complete = yield* byModelString(LLMClient.chat(request))
      const streamed = yield* byModelString(collect(LLMClient.chatStream(request)))
      const { inputTokens = 0, outputTokens = 0 } = complete.usage ?? {}
      expect(complete.cost).toBe(Number((inputTokens * 0.15 + outputTokens * 0.6).toFixed(6)) / 1e6)
      expect(complete.cost).toBeGreaterThan(0)
      expect(streamed.cost).toBe(complete.cost)
    })
  )

  it.effect("is on the last chunk of a stream and survives serialization", () =>
    Effect.gen(function* () {
      const chunks = Array.from(yield* byModelString(Stream.runCollect(LLMClient.chatStream(request))))
      expect(chunks.slice(0, -1).every((chunk) => chunk.cost === undefined)).toBe(true)
      expect(chunks.at(-1)?.cost).toBeGreaterThan(0)
      const sent = Schema.decodeUnknownSync(StreamChunk)(JSON.parse(JSON.stringify(chunks.at(-1))))
      expect((yield* collect(Stream.make(sent))).cost).toBe(chunks.at(-1)?.cost)
    })
  )

  it.effect("is available for a stream that is read outside of the layers", () =>
    Effect.gen(function* () {
      const stream = yield* Effect.map(LLMClient, (client) => client.chatStream(request))
      const response = yield* collect(stream)
      expect(response.cost).toBeGreaterThan(0)
    }).pipe(byModelString)
  )

  it.effect("uses the catalog in context rather than the library's", () =>
    Effect.gen(function* () {
      const { cost, usage } = yield* byModelString(LLMClient.chat(request)).pipe(
        Effect.provide(ModelCatalog.layerOf(telling))
      )
      expect(cost).toBe(((usage?.inputTokens ?? 0) * 100_000 + (usage?.outputTokens ?? 0)) / 1e6)
      const unknown = yield* byModelString(LLMClient.chat(request)).pipe(Effect.provide(ModelCatalog.layerOf([])))
      expect(unknown.cost).toBeNull()
    })
  )

  it.effect("requires a catalog in context for a client of one provider", () =>
    Effect.gen(function* () {
      const complete = LLMClient.chat(request)
      const streamed = collect(LLMClient.chatStream(request))
      const costs = (catalog: Layer.Layer<never> | Layer.Layer<ModelCatalog>) =>
        Effect.all([complete, streamed]).pipe(
          Effect.provide(byProvider),
          Effect.provide(catalog),
          simulated,
          Effect.map((responses) => responses.map(({ cost }) => cost))
        )
      expect(yield* costs(Layer.empty)).toEqual([null, null])
      const [first, second] = yield* costs(ModelCatalog.layer)
      expect(first).toBeGreaterThan(0)
      expect(second).toBe(first)
    })
  )

  it.effect("is null for a model outside the catalog, instead of the price of another model", () =>
    Effect.gen(function* () {
      const { cost, usage } = yield* byModelString(LLMClient.chat(request), "openai/gpt-4o-maxi")
      expect(usage).not.toBeNull()
      expect(cost).toBeNull()
    })
  )

  it.effect("uses the cache prices for cache reads and writes", () =>
    Effect.gen(function* () {
      const usage = { inputTokens: 1000, outputTokens: 10, cacheReadTokens: 800, cacheWriteTokens: 150 }
      const hour = { ...usage, cacheWriteHourTokens: 100 }
      const client = LLMClient.fromProvider(Anthropic, { model: "claude-opus-4-5" }).pipe(
        Layer.provide(Layer.provide(Anthropic.layerConfig, FetchHttpClient.layer))
      )
      const streamed = collect(LLMClient.chatStream(request))
      const costs = yield* Simulator.script({ usage }, { usage: hour }, { usage: hour }).pipe(
        Effect.zipRight(Effect.all([LLMClient.chat(request), LLMClient.chat(request), streamed])),
        Effect.map((responses) => responses.map(({ cost }) => cost)),
        Effect.provide(client),
        Effect.provide(ModelCatalog.layer),
        simulated
      )
      // 50 × 5 + 800 × 0.5 + 150 × 6.25 + 10 × 25 = 250 + 400 + 937.5 + 250; for an hour 50 × 6.25 + 100 × 10 of it
      expect(costs).toEqual([0.0018375, 0.0022125, 0.0022125])
    })
  )

  it.effect("is available for mock responses", () =>
    Effect.gen(function* () {
      const usage = makeUsage({ inputTokens: 2, outputTokens: 3 })
      const answers = ["one", "two"].map((content) => [content, { finishReason: "stop" as const, usage }])
      const client = Layer.provideMerge(
        LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini" }),
        MockLLM.provider(OpenAI, answers)
      )
      const both = Effect.all([LLMClient.chat(request), collect(LLMClient.chatStream(request))])
      const responses = yield* both.pipe(Effect.provide(client), Effect.provide(ModelCatalog.layerOf(telling)))
      expect(responses.map(({ cost }) => cost)).toEqual([0.200003, 0.200003])
      expect(Schema.is(Usage)(usage)).toBe(true)
    })
  )

  it.effect("is available for embeddings, summed over batches", () =>
    Effect.gen(function* () {
      const input = Array.from({ length: 3000 }, (_, index) => `text ${index}`)
      const embed = LLMClient.embed({ input, model: "text-embedding-3-small", dimensions: 4 })
      const { cost, usage } = yield* byModelString(embed).pipe(Effect.provide(ModelCatalog.layerOf(telling)))
      expect(usage?.inputTokens).toBeGreaterThanOrEqual(3000)
      expect(cost).toBe((usage?.inputTokens ?? 0) / 10)
    })
  )
})

describe("a running cost", () => {
  it.effect("grows with the stream from an estimate of the prompt to the provider's usage", () =>
    Effect.gen(function* () {
      const usage = makeUsage({ inputTokens: 10, outputTokens: 5 })
      const stream = Stream.make(
        StreamChunk.make({ content: "One" }),
        StreamChunk.make({ content: ", two" }),
        StreamChunk.make({ content: "", usage: makeUsage({ inputTokens: 10, outputTokens: 1 }) }),
        StreamChunk.make({
          finishReason: "stop",
          usage,
          origin: { provider: "openai", model: "gpt-4o-mini-2026-01-01" }
        })
      )
      const chunks = yield* stream.pipe(Cost.running(request, "openai/gpt-4o-mini"), Stream.runCollect)
      // The prompt is estimated at 13 tokens: 6 words, a message, a reply.
      expect(Array.from(chunks, (chunk) => chunk.spent)).toEqual([
        { dollars: 1.300001, isExact: false },
        { dollars: 1.300003, isExact: false },
        { dollars: 1.000003, isExact: false },
        { dollars: 1.000005, isExact: true }
      ])
    }).pipe(Effect.provide(ModelCatalog.layerOf(telling)))
  )

  it.effect("is unknown for a model without a price, at every chunk", () =>
    Effect.gen(function* () {
      const stream = Stream.make(StreamChunk.make({ content: "One" }), StreamChunk.make({ finishReason: "stop" }))
      const chunks = yield* stream.pipe(Cost.running(request, "openai/gpt-7"), Stream.runCollect)
      expect(Array.from(chunks, (chunk) => chunk.spent.dollars)).toEqual([null, null])
    }).pipe(Effect.provide(ModelCatalog.layer))
  )
})
