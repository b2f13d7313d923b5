import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schedule } from "effect"
import {
  AuthenticationError,
  ContextWindowExceededError,
  collect,
  LLMClient,
  type LLMError,
  NetworkError,
  OpenAI,
  Policy,
  RateLimitError,
  ValidationError
} from "llm-connectivity"
import { MockLLM, type MockResponses, Simulator } from "llm-connectivity/testing"
import { Groq } from "llm-connectivity/vendors"
import { hello } from "../../support/openai.js"

const at = { provider: "openai", model: "gpt-4o", message: "…" }
const limited = new RateLimitError({ ...at, reason: "RateLimit" })
const broken = new NetworkError({ ...at, reason: "Truncated" })
const tooLong = new ContextWindowExceededError(at)

const mock = (answers: MockResponses) => Layer.build(MockLLM.provider(Groq, answers))

/** Streams from a mock of OpenAI, with a mock of Groq as the fallback. */
const streamed = (
  answers: MockResponses,
  fallbackAnswers: MockResponses,
  policiesWith: (groq: Effect.Effect<Policy.Policy>) => ReadonlyArray<Policy.AnyPolicy> = (groq) => [groq]
) =>
  Effect.gen(function* () {
    const context = yield* mock(fallbackAnswers)
    const groq = Policy.fallback({ provider: Context.get(context, Groq), model: "llama" })
    const openai = yield* Layer.build(MockLLM.provider(OpenAI, answers))
    const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o", policies: policiesWith(groq) })
    const result = yield* collect(LLMClient.chatStream(hello)).pipe(
      Effect.either,
      Effect.provide(client),
      Effect.provide(openai)
    )
    const seen = yield* Context.get(context, MockLLM).requests
    return { result, seen }
  }).pipe(Effect.scoped)

describe("a fallback", () => {
  it.effect("answers when the first provider fails, and the response names the fallback's provider and model", () =>
    Effect.gen(function* () {
      const { result, seen } = yield* streamed([limited], ["from groq"])
      expect(result).toMatchObject({ right: { content: "from groq", provider: "groq", model: "llama" } })
      expect(seen).toMatchObject([{ ...hello, model: "llama" }])
    })
  )

  it.effect.each([
    ["RateLimitError", limited, true],
    ["NetworkError", broken, true],
    ["AuthenticationError", new AuthenticationError(at), true],
    ["ValidationError", new ValidationError(at), false],
    ["ContextWindowExceededError", tooLong, false]
  ] as const)(
    "receives the request by default only for errors another provider may avoid: %s",
    ([, error, usesFallback]) =>
      Effect.gen(function* () {
        expect((yield* streamed([error], ["ok"])).seen).toHaveLength(usesFallback ? 1 : 0)
      })
  )

  it.effect("does not receive the request after the stream has emitted content", () =>
    Effect.gen(function* () {
      const { result, seen } = yield* streamed([["half", broken]], ["never"])
      expect(result).toMatchObject({ left: { _tag: "NetworkError" } })
      expect(seen).toEqual([])
    })
  )

  it.effect("counts the requests to both providers when both fail", () =>
    Effect.gen(function* () {
      const { result } = yield* streamed([limited], [broken])
      expect(result).toMatchObject({ left: { _tag: "NetworkError", attempts: 2 } })
    })
  )

  it.effect("answers non-streaming requests", () =>
    Effect.gen(function* () {
      const context = yield* mock(["complete"])
      const policy = Policy.fallback({ provider: Context.get(context, Groq), model: "llama" })
      const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o", policies: [policy] })
      const response = yield* LLMClient.chat(hello).pipe(
        Effect.provide(Layer.provide(client, MockLLM.provider(OpenAI, [limited])))
      )
      expect(response).toMatchObject({ content: "complete", provider: "groq" })
    }).pipe(Effect.scoped)
  )

  it.effect("combines with retry: retries the first provider, then uses the fallback", () =>
    Effect.gen(function* () {
      const once = Policy.retry({ rateLimit: Schedule.recurs(1) })
      const first = yield* streamed([limited, limited], ["from groq"], (groq) => [groq, once])
      expect(first.result).toMatchObject({ right: { content: "from groq" } })
      const both = yield* streamed([limited, "from openai"], [limited], (groq) => [once, groq])
      expect(both.result).toMatchObject({ right: { content: "from openai" } })
    })
  )

  it.effect("can change the request and send it to the same provider", () =>
    Effect.gen(function* () {
      const halved = Policy.fallback(
        { change: (request) => ({ ...request, maxTokens: Math.ceil((request.maxTokens ?? 1000) / 2) }) },
        { on: ["ContextWindowExceededError"] }
      )
      const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o", policies: [halved] })
      const requests = yield* Effect.gen(function* () {
        expect((yield* LLMClient.chat({ ...hello, maxTokens: 100 })).content).toBe("fits")
        return yield* MockLLM.requests
      }).pipe(Effect.provide(Layer.provideMerge(client, MockLLM.provider(OpenAI, [tooLong, "fits"]))))
      expect(requests.map((request) => request.maxTokens)).toEqual([100, 50])
    })
  )

  it.effect("accepts a predicate that selects the errors", () =>
    Effect.gen(function* () {
      const on = (error: LLMError): boolean => error._tag === "RateLimitError" && error.reason === "Overloaded"
      const policy = Policy.fallback({ model: "gpt-4o-mini" }, { on })
      const client = LLMClient.fromProvider(OpenAI, { model: "gpt-4o", policies: [policy] })
      const overloaded = new RateLimitError({ ...at, reason: "Overloaded" })
      const requests = yield* Effect.gen(function* () {
        yield* LLMClient.chat(hello)
        yield* Effect.flip(LLMClient.chat(hello))
        return yield* MockLLM.requests
      }).pipe(Effect.provide(Layer.provideMerge(client, MockLLM.provider(OpenAI, [overloaded, "small", limited]))))
      expect(requests.map((request) => request.model)).toEqual(["gpt-4o", "gpt-4o-mini", "gpt-4o"])
    })
  )

  it.effect("counts the requests to both providers in each attempt of a retry outside", () =>
    Effect.gen(function* () {
      const twice = Policy.retry({ rateLimit: Schedule.recurs(1), network: Schedule.recurs(1) })
      const { result } = yield* streamed([limited, limited], [broken, broken], (groq) => [twice, groq])
      expect(result).toMatchObject({ left: { _tag: "NetworkError", attempts: 4 } })
    })
  )

  it.live("to a model string loads its provider, over real HTTP", () =>
    Effect.gen(function* () {
      const client = LLMClient.layer({
        model: "openai/unknown",
        policies: [Policy.fallback("anthropic/claude-sonnet-4-5")]
      })
      const response = yield* collect(LLMClient.chatStream(hello)).pipe(Effect.provide(client))
      expect(response.provider).toBe("anthropic")
      const requests = yield* Simulator.requests
      expect(requests.map((request) => request.path)).toEqual(["/v1/chat/completions", "/v1/messages"])
    }).pipe(Effect.provide(Simulator.layerConfig({ pace: 0 })), Effect.provide(FetchHttpClient.layer))
  )

  it.live("to an invalid model string fails when the layer is built", () =>
    Effect.gen(function* () {
      const client = LLMClient.layer({ model: "openai/gpt-4o", policies: [Policy.fallback("acme/x")] })
      const error = yield* Effect.flip(Layer.build(client)).pipe(Effect.scoped)
      expect(error).toMatchObject({ _tag: "ValidationError" })
    }).pipe(Effect.provide(Simulator.layerConfig({ pace: 0 })), Effect.provide(FetchHttpClient.layer))
  )
})
