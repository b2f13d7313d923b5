import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Stream } from "effect"
import * as cl100k from "gpt-tokenizer/encoding/cl100k_base"
import * as o200k from "gpt-tokenizer/encoding/o200k_base"
import { type ChatRequest, type ModelId, StreamChunk, TokenCounter } from "llm-connectivity"
import { OpenAITokens } from "llm-connectivity/tokens"
import { common, foreign } from "../support/texts.js"

const count = (content: string | ChatRequest, model: ModelId) =>
  Effect.provide(TokenCounter.count(content, model), OpenAITokens.layer)

describe("the encoding of a model", () => {
  it.each([
    ["openai/gpt-4o-mini-2024-07-18", "o200k_base"],
    ["openai/gpt-4o", "o200k_base"],
    ["openai/gpt-4.1-nano", "o200k_base"],
    ["openai/gpt-5", "o200k_base"],
    ["openai/gpt-5.2-codex", "o200k_base"],
    ["openai/o3-mini", "o200k_base"],
    ["openai/chatgpt-4o-latest", "o200k_base"],
    ["openai/ft:gpt-4o-mini-2024-07-18:me::abc", "o200k_base"],
    ["groq/openai/gpt-oss-120b", "o200k_base"],
    ["openai/gpt-4", "cl100k_base"],
    ["openai/gpt-4-turbo-2024-04-09", "cl100k_base"],
    ["openai/gpt-3.5-turbo-0125", "cl100k_base"],
    ["openai/text-embedding-3-small", "cl100k_base"],
    ["anthropic/claude-sonnet-4-5", undefined],
    ["openai/gpt-4oops", undefined],
    ["azure/my-gpt-4o", undefined],
    ["openai/gpt-42", undefined]
  ])("follows from its id: %s", (model, encoding) => {
    expect(OpenAITokens.encodingOf(model)).toBe(encoding)
  })
})

describe("exact counts", () => {
  it.effect("equal those of OpenAI's encodings", () =>
    Effect.gen(function* () {
      for (const text of Object.values({ ...common, ...foreign })) {
        expect(yield* count(text, "openai/gpt-4o")).toEqual({ tokens: o200k.countTokens(text), isExact: true })
        expect(yield* count(text, "openai/gpt-4")).toEqual({ tokens: cl100k.countTokens(text), isExact: true })
      }
      // Known from OpenAI's cookbook.
      expect((yield* count("tiktoken is great!", "openai/gpt-4")).tokens).toBe(6)
    })
  )

  it.effect("treat special tokens as text, as the API does", () =>
    Effect.gen(function* () {
      const { tokens } = yield* count("<|endoftext|>", "openai/gpt-4o")
      expect(tokens).toBe(7)
    })
  )

  it.effect("of a conversation equal the API's counts in OpenAI's cookbook", () =>
    Effect.gen(function* () {
      // How_to_count_tokens_with_tiktoken: 129 for GPT-4 and 124 for GPT-4o, with four names that we do not send.
      const names = ["example_user", "example_assistant", "example_user", "example_assistant"]
      const request: ChatRequest = {
        messages: [
          ...[
            "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
            "New synergies will help drive top-line growth.",
            "Things working well together will increase revenue.",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
            "Let's talk later when we're less busy about how to do better."
          ].map((content) => ({ role: "system" as const, content })),
          {
            role: "user",
            content: "This late pivot means we don't have time to boil the ocean for the client deliverable."
          }
        ]
      }
      const ofNames = (countTokens: (text: string) => number) =>
        names.reduce((sum, name) => sum + countTokens(name) + 1, 0)
      expect(yield* count(request, "openai/gpt-4")).toEqual({
        tokens: 129 - ofNames(cl100k.countTokens),
        isExact: true
      })
      expect(yield* count(request, "openai/gpt-4o-mini")).toEqual({
        tokens: 124 - ofNames(o200k.countTokens),
        isExact: true
      })
    })
  )

  it.effect("are marked inexact where the framing is not documented", () =>
    Effect.gen(function* () {
      const said: ChatRequest = { messages: [{ role: "user", content: "Hi" }] }
      const isExact = (request: ChatRequest, model: ModelId) =>
        Effect.map(count(request, model), (each) => each.isExact)
      expect(yield* isExact(said, "openai/gpt-4o-2024-08-06")).toBe(true)
      expect(yield* isExact(said, "openai/gpt-5")).toBe(false)
      expect(yield* isExact(said, "openai/o3-mini")).toBe(false)
      expect(yield* isExact(said, "openai/gpt-4o-audio-preview")).toBe(false)
      expect(yield* isExact(said, "groq/openai/gpt-oss-20b")).toBe(false)
      const tools = [{ name: "look", parameters: { type: "object" } }]
      expect(yield* isExact({ ...said, tools }, "openai/gpt-4o")).toBe(false)
      const parts = [{ type: "text" as const, text: "Hi" }]
      expect(yield* isExact({ messages: [{ role: "user", content: parts }] }, "openai/gpt-4o")).toBe(false)
    })
  )

  it.effect("are estimates for models that are not OpenAI's, as without the layer", () =>
    Effect.gen(function* () {
      const estimated = yield* TokenCounter.count("The ship was quiet.", "anthropic/claude-sonnet-4-5")
      expect(yield* count("The ship was quiet.", "anthropic/claude-sonnet-4-5")).toEqual(estimated)
      expect(estimated.isExact).toBe(false)
    })
  )

  it.effect("of a text with one long run finish in time and are marked inexact when estimated", () =>
    Effect.gen(function* () {
      const { tokens, isExact } = yield* count("a".repeat(1_000_000), "openai/gpt-4o")
      expect(isExact).toBe(false)
      expect(tokens).toBeGreaterThan(100_000)
    })
  )

  it.effect("of a stream are exact after every chunk, however it is split", () =>
    Effect.gen(function* () {
      const text = Object.values(common).join("\n")
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(FastCheck.integer({ min: 1, max: 40 }), (size) => {
            const contents = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? []
            return Stream.fromIterable(contents.map((content) => StreamChunk.make({ content }))).pipe(
              TokenCounter.counting("openai/gpt-4o"),
              Stream.runLast,
              Effect.flatten,
              Effect.map(({ counted }) => counted.isExact && counted.tokens === o200k.countTokens(text)),
              Effect.provide(OpenAITokens.layer),
              Effect.runPromise
            )
          }),
          { numRuns: 20 }
        )
      )
    })
  )
})
