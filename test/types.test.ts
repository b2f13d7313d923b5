/** The public types; the compiler checks them as part of `npm test`. */
import type { HttpClient } from "@effect/platform"
import { type ConfigError, Effect, type Layer, Stream } from "effect"
import {
  type ChatRequest,
  type ChatResponse,
  type ChatStream,
  type CheckedModelId,
  Cost,
  LLMClient,
  type LLMClientOptions,
  type LLMError,
  type LoadError,
  Message,
  type ModelId,
  type NetworkError,
  OpenAI,
  Policy,
  type ProviderError,
  type RateLimitError,
  type RateLimits,
  type ResponseCache,
  Spending,
  StreamChunk,
  type ValidationError
} from "llm-connectivity"
import { describe, expectTypeOf, it } from "vitest"
import { hello } from "./support/openai.js"

const stream = LLMClient.chatStream(hello)

describe("the types", () => {
  it("list every failure of a stream", () => {
    expectTypeOf(stream).toEqualTypeOf<ChatStream<LLMError, LLMClient>>()
    expectTypeOf(stream).toMatchTypeOf<Stream.Stream<StreamChunk, LLMError, LLMClient>>()
    expectTypeOf(LLMClient.chat(hello)).toEqualTypeOf<Effect.Effect<ChatResponse, LLMError, LLMClient>>()
  })

  it("leave exactly the transient failures when the others are handled", () => {
    const handled = Stream.catchTags(stream, {
      AuthenticationError: () => Stream.empty,
      InsufficientCreditsError: () => Stream.empty,
      ModelNotFoundError: () => Stream.empty,
      ContextWindowExceededError: () => Stream.empty,
      ValidationError: () => Stream.empty,
      ProviderError: () => Stream.empty
    })
    expectTypeOf(handled).toEqualTypeOf<Stream.Stream<StreamChunk, RateLimitError | NetworkError, LLMClient>>()
  })

  it("describe a chunk as plain data, with the same interface and schema type", () => {
    expectTypeOf<StreamChunk["content"]>().toEqualTypeOf<string>()
    expectTypeOf<typeof StreamChunk.Type>().toMatchTypeOf<StreamChunk>()
    expectTypeOf<StreamChunk>().toMatchTypeOf<typeof StreamChunk.Type>()
    expectTypeOf(StreamChunk.make({ content: "x" })).toMatchTypeOf<StreamChunk>()
  })

  it("list the errors and requirements of a layer", () => {
    expectTypeOf(LLMClient.layer({ model: "openai/gpt-4o-mini" })).toEqualTypeOf<
      Layer.Layer<LLMClient, LoadError, HttpClient.HttpClient>
    >()
    expectTypeOf(LLMClient.fromProvider(OpenAI, { model: "m" })).toEqualTypeOf<Layer.Layer<LLMClient, never, OpenAI>>()
  })

  it("include the requirements of a policy", () => {
    const model = "openai/gpt-4o-mini"
    expectTypeOf(LLMClient.layer({ model, guards: [Spending.policy] })).toEqualTypeOf<
      Layer.Layer<LLMClient, LoadError, HttpClient.HttpClient | Spending>
    >()
    const limits = [Policy.rateLimit({ requests: 500, per: "1 minute", maxWait: 0 })]
    const cached = Policy.cache({ ttl: "1 hour", scope: "shared" })
    expectTypeOf(LLMClient.layer({ model, guards: [cached, Spending.policy], limits })).toEqualTypeOf<
      Layer.Layer<LLMClient, LoadError, HttpClient.HttpClient | ResponseCache | Spending | RateLimits>
    >()
    expectTypeOf(
      LLMClient.fromProvider(OpenAI, { model, policies: [Policy.retry(), cached], guards: [Spending.policy], limits })
    ).toEqualTypeOf<Layer.Layer<LLMClient, ValidationError, OpenAI | ResponseCache | Spending | RateLimits>>()
    expectTypeOf(LLMClient.layer({ model, policies: [Policy.fallback("anthropic/claude-sonnet-4-5")] })).toEqualTypeOf<
      Layer.Layer<LLMClient, LoadError, HttpClient.HttpClient>
    >()
    expectTypeOf(LLMClient.fromProvider(OpenAI, { model, guards: [Spending.policy] })).toEqualTypeOf<
      Layer.Layer<LLMClient, never, OpenAI | Spending>
    >()
  })

  it("reject a literal model string without a provider, and accept any string that is not a literal", () => {
    // @ts-expect-error: the message is: write "provider/model", such as "openai/gpt-4o"
    LLMClient.layer({ model: "gpt-4o" })
    // @ts-expect-error: as above
    Policy.fallback("gpt-4o")
    expectTypeOf<CheckedModelId<"gpt-4o">>().toEqualTypeOf<'write "provider/model", such as "openai/gpt-4o"'>()
    expectTypeOf<
      CheckedModelId<"claude-sonnet-4-5">
    >().toEqualTypeOf<'write "provider/model", such as "anthropic/claude-sonnet-4-5"'>()
    expectTypeOf<CheckedModelId<"openai:gpt-4o">>().toEqualTypeOf<'write "provider/model", such as "openai/gpt-4o"'>()
    expectTypeOf<CheckedModelId<"">>().toEqualTypeOf<'write "provider/model", such as "openai/gpt-4o-mini"'>()
    // @ts-expect-error an estimate without a provider would have no price
    Cost.estimate({ messages: [] }, "gpt-4o")
    const model: string = "openai/gpt-4o"
    const options: LLMClientOptions = { model }
    LLMClient.layer({ model })
    LLMClient.layer(options)
    LLMClient.layer({ ...options, model: `openai/${model}` })
    Policy.fallback(model)
  })

  it("accept messages made by role without `as const`", () => {
    const messages = [Message.system("Answer briefly."), Message.user("Hi"), Message.assistant("Hello")]
    expectTypeOf({ messages }).toMatchTypeOf<ChatRequest>()
  })

  it("name the failures of loading a model: no key, wrong model, missing code", () => {
    expectTypeOf<LoadError>().toEqualTypeOf<ConfigError.ConfigError | ValidationError | ProviderError>()
  })

  it("accept any model string, and complete the known ones", () => {
    expectTypeOf<"acme/anything">().toMatchTypeOf<ModelId>()
    expectTypeOf<"openai/gpt-4o-mini">().toMatchTypeOf<ModelId>()
  })

  it("make an error yieldable", () => {
    const program = Effect.gen(function* () {
      return yield* Effect.flip(LLMClient.chat(hello))
    })
    expectTypeOf(program).toEqualTypeOf<Effect.Effect<LLMError, ChatResponse, LLMClient>>()
  })
})
