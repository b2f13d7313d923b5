/** The contract of every provider with embeddings, over real HTTP; errors of other providers list those with embeddings. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { type EmbedOptions, type EmbedRequest, LLMClient } from "llm-connectivity"
import { Simulator, type SimulatorOptions } from "llm-connectivity/testing"
import { embeddingProviderNames, load, providerNames } from "../../src/provider/registry.js"
import { vectorOf } from "../../src/testing/simulator/replies/embeddings.js"
import { tokensOf } from "../../src/testing/simulator/replies/tokens.js"
import { bodies, clients } from "../support/contract.js"

const environment = (variables: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

/** Provides a client for the embeddings of a model string. */
const embedding = (model: string, options: SimulatorOptions = {}, http = clients.Fetch) =>
  Effect.provide(
    Layer.unwrapEffect(
      Effect.map(Simulator, ({ apiKey, baseUrls, environment: known }) =>
        LLMClient.layer({ model, policies: [] }).pipe(
          Layer.provide(environment({ ...known, MISTRAL_API_KEY: apiKey, MISTRAL_BASE_URL: baseUrls.openai })),
          Layer.provide(http)
        )
      )
    ).pipe(Layer.provideMerge(Simulator.layer({ pace: 0, ...options })))
  )

const texts = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => `text ${index}`)

/** The texts of the requests, in order. */
const batchSizes = Effect.map(bodies, (all) =>
  all.map((body) => {
    const { input, requests } = Object.fromEntries(Object.entries(body ?? {}))
    return Array.isArray(input) ? input.length : Array.isArray(requests) ? requests.length : 1
  })
)

const cases: ReadonlyArray<readonly [string, number, ReadonlyArray<number>]> = [
  ["openai/text-embedding-3-small", 2100, [2048, 52]],
  ["google/gemini-embedding-001", 250, [100, 100, 50]],
  ["mistral/mistral-embed", 300, [128, 128, 44]]
]

describe.each(cases)("%s", (model, count, batches) => {
  it.live.each(Object.entries(clients))(
    "over %s: embeds more texts than one request may contain, in their order",
    ([, http]) =>
      Effect.gen(function* () {
        const input = texts(count)
        const { embeddings, usage, provider } = yield* LLMClient.embed({ input, dimensions: 4 })
        expect(embeddings).toEqual(input.map((text) => vectorOf(text, 4)))
        expect([...(yield* batchSizes)].sort((a, b) => b - a)).toEqual(batches)
        const tokens = input.reduce((sum, text) => sum + tokensOf(text), 0)
        expect(usage).toMatchObject({ inputTokens: tokens, outputTokens: 0, totalTokens: tokens })
        expect(model).toContain(`${provider}/`)
      }).pipe(embedding(model, {}, http))
  )

  it.live("embeds one text, with the dimensions of the model", () =>
    Effect.gen(function* () {
      const { embeddings } = yield* LLMClient.embed({ input: "text" })
      expect(embeddings.length).toBe(1)
      expect(embeddings[0]?.length).toBeGreaterThan(500)
    }).pipe(embedding(model))
  )

  it.live("fails with the errors of a chat, and rejects an invalid request before sending", () =>
    Effect.gen(function* () {
      const failures = [
        yield* Effect.flip(LLMClient.embed({ input: ["a", "b"] })),
        yield* Effect.flip(LLMClient.embed({ input: ["a", ""] }))
      ]
      expect(failures).toMatchObject([{ _tag: "RateLimitError" }, { _tag: "ValidationError" }])
      expect(yield* batchSizes).toEqual([2])
    }).pipe(embedding(model, { script: [{ error: "rateLimit" }] }))
  )
})

describe("the batches of a request", () => {
  /** Embeds six batches slowly, and counts the concurrent requests. */
  const most = (options?: EmbedOptions) => {
    let underWay = 0
    let highest = 0
    const script: SimulatorOptions["script"] = (request) => {
      highest = Math.max(highest, ++underWay)
      Effect.runFork(Effect.tap(request.closed, () => underWay--))
      return { fault: { type: "slowHeaders", delay: "20 millis" } }
    }
    const request: EmbedRequest = { input: texts(600), dimensions: 1 }
    return Effect.map(LLMClient.embed(request, options), () => highest).pipe(embedding("google/any", { script }))
  }

  it.live("are requested four at a time, or with the caller's concurrency", () =>
    Effect.gen(function* () {
      expect(yield* most()).toBe(4)
      expect(yield* most({ concurrency: 1 })).toBe(1)
    })
  )
})

describe("the providers with embeddings", () => {
  /** The value of every variable: valid as a key and as an address. */
  const everything = ConfigProvider.fromFlat(
    ConfigProvider.makeFlat({
      load: (_, primitive) => Effect.map(primitive.parse("http://127.0.0.1:9"), (value) => [value]),
      enumerateChildren: () => Effect.die("no provider asks for more than a variable"),
      patch: { _tag: "Empty" }
    })
  )

  it.live("are listed in the error of a provider without embeddings", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(LLMClient.embed({ input: "text" }))
      expect(failure).toMatchObject({ _tag: "ValidationError", provider: "anthropic", model: "claude-sonnet-5" })
      expect(failure.message).toBe(`anthropic has no embeddings; use one of ${embeddingProviderNames.join(", ")}`)
      expect(yield* bodies).toEqual([])
    }).pipe(embedding("anthropic/claude-sonnet-5"))
  )

  it.live("match the list of names", () =>
    Effect.gen(function* () {
      const providers = yield* Effect.forEach(providerNames, (name) => load(`${name}/model`)).pipe(
        Effect.provide(Layer.setConfigProvider(everything)),
        Effect.provide(FetchHttpClient.layer)
      )
      expect(providers.map(({ provider }) => provider.name)).toEqual(providerNames)
      expect(providers.flatMap(({ provider }) => (provider.embeddings === undefined ? [] : [provider.name]))).toEqual(
        embeddingProviderNames
      )
    }).pipe(Effect.scoped)
  )
})
