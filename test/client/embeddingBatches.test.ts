/** How the texts of one call are split into requests, and how their responses are joined. */
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import {
  type EmbedResponse,
  LLMClient,
  ModelCatalog,
  OpenAI,
  Policy,
  Provider,
  ProviderError,
  Spending
} from "llm-connectivity"
import { AzureOpenAI, Mistral } from "llm-connectivity/vendors"
import { json, serve } from "../support/server.js"

class Own extends Context.Tag("test/Own")<Own, Provider>() {
  static readonly providerName = "own"
}

/** A client whose vectors are the lengths of their texts, and the batches that it sends. */
const counting = (limits: { readonly maxBatchSize: number; readonly maxBatchTokens?: number }, cost: number | null) => {
  const batches: Array<ReadonlyArray<string>> = []
  const provider = Provider.make({
    name: "own",
    open: () => Effect.fail(new ProviderError({ provider: "own", model: "m", message: "no chats" })),
    embeddings: {
      ...limits,
      embed: ({ input, model = "" }) =>
        Effect.sync((): EmbedResponse => {
          const texts = Array.from(input)
          batches.push(texts)
          return { embeddings: texts.map((text) => [text.length]), usage: null, cost, provider: "own", model }
        })
    }
  })
  const client = LLMClient.fromProvider(Own, {
    model: "m",
    policies: [Policy.retry()],
    guards: [Spending.policy]
  }).pipe(
    Layer.provide(Layer.succeed(Own, provider)),
    Layer.provide(Spending.layer({})),
    Layer.provide(ModelCatalog.layerOf([]))
  )
  return { batches, client }
}

describe("the texts of a call", () => {
  it.effect("are split so that no request has more texts, or more bytes than its tokens, and keep their order", () =>
    Effect.gen(function* () {
      const { batches, client } = counting({ maxBatchSize: 3, maxBatchTokens: 8 }, null)
      const input = ["a", "b", "c", "dddd", "éé", "ffff", "longer than a batch", "g"]
      const { embeddings } = yield* Effect.provide(LLMClient.embed({ input }), client)
      expect(batches).toEqual([["a", "b", "c"], ["dddd", "éé"], ["ffff"], ["longer than a batch"], ["g"]])
      expect(embeddings).toEqual(input.map((text) => [text.length]))
    })
  )

  it.effect("cost what their requests cost together, if that is known of all", () =>
    Effect.gen(function* () {
      const costOf = (each: number | null) =>
        Effect.provide(LLMClient.embed({ input: ["one", "two"] }), counting({ maxBatchSize: 1 }, each).client)
      expect((yield* costOf(0.25)).cost).toBe(0.5)
      expect((yield* costOf(null)).cost).toBe(null)
    })
  )
})

const sent = <Id>(
  tag: Context.Tag<Id, Provider>,
  layerOf: (baseUrl: string) => Layer.Layer<Id, unknown, HttpClient.HttpClient>
) =>
  Effect.gen(function* () {
    const sizes: Array<number> = []
    const server = yield* serve((response, { body }) => {
      const { input }: { readonly input: ReadonlyArray<string> } = JSON.parse(body)
      sizes.push(Buffer.byteLength(input.join("")))
      json(response, 200, { data: input.map((_, index) => ({ index, embedding: [1] })) })
    })
    const client = LLMClient.fromProvider(tag, { model: "m" }).pipe(
      Layer.provide(layerOf(server.url)),
      Layer.provide(FetchHttpClient.layer)
    )
    const input = Array.from({ length: 700 }, () => "x".repeat(1000))
    const { embeddings } = yield* Effect.provide(LLMClient.embed({ input }), client)
    expect(embeddings).toHaveLength(700)
    return sizes
  }).pipe(Effect.scoped)

describe("a request to", () => {
  const apiKey = "sk-test-0123456789"

  it.live("OpenAI and Azure has at most 300,000 tokens, which the API rejects more of", () =>
    Effect.gen(function* () {
      const ofOpenAI = yield* sent(OpenAI, (baseUrl) => OpenAI.layer({ apiKey, baseUrl }))
      const ofAzure = yield* sent(AzureOpenAI, (baseUrl) => AzureOpenAI.layer({ apiKey, baseUrl }))
      expect([...ofOpenAI].sort()).toEqual([100_000, 300_000, 300_000])
      expect([...ofAzure].sort()).toEqual([100_000, 300_000, 300_000])
    })
  )

  it.live("Mistral has at most 16,000 tokens", () =>
    Effect.gen(function* () {
      const sizes = yield* sent(Mistral, (baseUrl) => Mistral.layer({ apiKey, baseUrl }))
      expect(Math.max(...sizes)).toBe(16_000)
    })
  )
})
