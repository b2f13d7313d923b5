import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { type Context, Effect, Layer } from "effect"
import {
  Anthropic,
  type ChatRequest,
  Google,
  OpenAI,
  OpenAICompatible,
  type Provider,
  ProviderTokens,
  TokenCounter
} from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import { shared } from "../support/shared.js"

const request: ChatRequest = {
  messages: [
    { role: "system", content: "Answer briefly." },
    { role: "user", content: "How deep is the harbour of Rotterdam?" }
  ],
  maxTokens: 20,
  temperature: 1,
  stop: "END",
  tools: [{ name: "depth", description: "Looks it up", parameters: { type: "object", properties: {} } }],
  toolChoice: "auto"
}

const simulated = <Id>(make: (simulator: Context.Tag.Service<Simulator>) => Layer.Layer<Id, unknown, never>) =>
  Layer.unwrapEffect(Effect.map(Simulator, make)).pipe(Layer.orDie)

const providers = Layer.mergeAll(
  simulated(({ baseUrls, apiKey }) =>
    Layer.provide(Anthropic.layer({ apiKey, baseUrl: baseUrls.anthropic }), FetchHttpClient.layer)
  ),
  simulated(({ baseUrls, apiKey }) =>
    Layer.provide(Google.layer({ apiKey, baseUrl: baseUrls.google }), FetchHttpClient.layer)
  ),
  simulated(({ baseUrls, apiKey }) =>
    Layer.provide(OpenAI.layer({ apiKey, baseUrl: baseUrls.openai }), FetchHttpClient.layer)
  )
)

const within = shared(Layer.provideMerge(providers, Simulator.layerConfig({ pace: 0 })))

const lastBody = Effect.map(Simulator.requests, (requests) => {
  const last = requests.at(-1)
  return { path: last?.path, fields: Object.keys(Object(last?.body)).sort(), body: last?.body }
})

describe("counting tokens with a provider", () => {
  const countedBy = <Id>(tag: Context.Tag<Id, Provider>, model: string, requested: ChatRequest = request) =>
    Effect.flatMap(tag, (provider) =>
      Effect.flatMap(Effect.fromNullable(provider.countTokens), (countTokens) => countTokens({ model, ...requested }))
    )
  /** The input tokens that the same request is billed for. */
  const billedBy = <Id>(tag: Context.Tag<Id, Provider>, model: string, requested: ChatRequest = request) =>
    Effect.flatMap(tag, (provider) =>
      Effect.map(provider.chat({ model, ...requested }), (response) => response.usage?.inputTokens)
    )

  it.effect("sends Anthropic the fields that its endpoint accepts, and returns an estimate", () =>
    Effect.gen(function* () {
      const requested = { ...request, messages: request.messages }
      const { tokens, isExact } = yield* countedBy(Anthropic, "claude-sonnet-4-5", requested)
      expect(yield* lastBody).toMatchObject({
        path: "/v1/messages/count_tokens",
        fields: ["messages", "model", "system", "tool_choice", "tools"]
      })
      expect({ tokens, isExact }).toEqual({
        tokens: yield* billedBy(Anthropic, "claude-sonnet-4-5", requested),
        isExact: false
      })
    }).pipe(within)
  )

  it.effect("sends Google the complete request, as instructions and tools count too", () =>
    Effect.gen(function* () {
      const { tokens } = yield* countedBy(Google, "gemini-2.5-flash")
      expect(yield* lastBody).toMatchObject({
        path: "/v1beta/models/gemini-2.5-flash:countTokens",
        fields: ["generateContentRequest"],
        body: { generateContentRequest: { model: "models/gemini-2.5-flash", systemInstruction: {}, tools: [{}] } }
      })
      expect(tokens).toBe(yield* billedBy(Google, "gemini-2.5-flash"))
    }).pipe(within)
  )

  it.effect("sends OpenAI's Responses the request without fields that use no tokens", () =>
    Effect.gen(function* () {
      const { tokens, isExact } = yield* countedBy(OpenAI, "gpt-5", {
        ...request,
        seed: 1,
        reasoning: { effort: "low" }
      })
      expect(yield* lastBody).toMatchObject({
        path: "/v1/responses/input_tokens",
        fields: ["input", "model", "reasoning", "tool_choice", "tools"]
      })
      expect(isExact).toBe(false)
      expect(tokens).toBe(yield* billedBy(OpenAI, "gpt-5"))
    }).pipe(within)
  )

  it.effect("is exact when the response comes from Responses too", () =>
    Effect.gen(function* () {
      const { baseUrls, apiKey } = yield* Simulator
      const responses = OpenAI.layer({ apiKey, baseUrl: baseUrls.openai, api: "responses" })
      const counted = yield* Effect.provide(countedBy(OpenAI, "gpt-5"), Layer.provide(responses, FetchHttpClient.layer))
      expect(counted.isExact).toBe(true)
    }).pipe(within)
  )

  it.effect("fails with the errors of a chat, and rejects an invalid request before sending", () =>
    Effect.gen(function* () {
      const before = (yield* Simulator.requests).length
      expect(yield* Effect.flip(countedBy(OpenAI, "gpt-5", { messages: [] }))).toMatchObject({
        _tag: "ValidationError"
      })
      const provider = yield* Anthropic
      expect(
        yield* Effect.flip(
          Effect.flatMap(Effect.fromNullable(provider.countTokens), (countTokens) => countTokens(request))
        )
      ).toMatchObject({
        _tag: "ValidationError"
      })
      expect((yield* Simulator.requests).length).toBe(before)
      yield* Simulator.script({ status: 401, error: "authentication" }, { body: { input_tokens: "many" } })
      expect(yield* Effect.flip(countedBy(OpenAI, "gpt-5"))).toMatchObject({ _tag: "AuthenticationError" })
      expect(yield* Effect.flip(countedBy(OpenAI, "gpt-5"))).toMatchObject({
        _tag: "ProviderError",
        message: expect.stringContaining("input_tokens is not as documented")
      })
    }).pipe(within)
  )

  it.effect("serves TokenCounter for the models of that provider", () =>
    Effect.gen(function* () {
      const counted = yield* TokenCounter.count(request, "anthropic/claude-sonnet-4-5").pipe(
        Effect.provide(ProviderTokens.fromProvider(Anthropic))
      )
      expect(counted).toEqual(yield* countedBy(Anthropic, "claude-sonnet-4-5"))
      const unset = yield* TokenCounter.count({ ...request, model: undefined }, "anthropic/claude-sonnet-4-5").pipe(
        Effect.provide(ProviderTokens.fromProvider(Anthropic))
      )
      expect(unset).toEqual(counted)
      const text = yield* TokenCounter.count("How deep is the harbour?", "google/gemini-2.5-flash").pipe(
        Effect.provide(ProviderTokens.layer("google/gemini-2.5-flash")),
        Effect.provide(FetchHttpClient.layer)
      )
      expect(text.tokens).toBeGreaterThan(3)
      expect((yield* lastBody).path).toBe("/v1beta/models/gemini-2.5-flash:countTokens")
      const seen = (yield* Simulator.requests).length
      const other = yield* TokenCounter.count("How deep?", "openai/gpt-4o").pipe(
        Effect.provide(ProviderTokens.fromProvider(Anthropic))
      )
      expect(other).toEqual(yield* TokenCounter.approximate.count("How deep?", "openai/gpt-4o"))
      expect((yield* Simulator.requests).length).toBe(seen)
    }).pipe(within)
  )

  it.effect("is an estimate when the provider cannot count", () =>
    Effect.gen(function* () {
      const { baseUrls, apiKey } = yield* Simulator
      const mine = OpenAICompatible.make({ name: "mine", baseUrl: baseUrls.openai, apiKey })
      const counted = yield* TokenCounter.count("How deep?", "mine/model").pipe(
        Effect.provide(Layer.provide(ProviderTokens.fromProvider(mine.tag), mine.layer)),
        Effect.provide(FetchHttpClient.layer)
      )
      expect(counted).toEqual({ tokens: 3, isExact: false })
    }).pipe(within)
  )
})
