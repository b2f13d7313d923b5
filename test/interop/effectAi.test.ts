/** Programs written against @effect/ai run with every provider, over real HTTP. */
import { readFileSync } from "node:fs"
import { LanguageModel, Model } from "@effect/ai"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Stream } from "effect"
import { OpenAI, StreamChunk } from "llm-connectivity"
import { EffectAi } from "llm-connectivity/effect-ai"
import { MockLLM } from "llm-connectivity/testing"
import { answer, asking, type Subject, stored, subjects } from "../support/contract.js"
import * as program from "./program.js"

/** Serves `LanguageModel` on a subject with reasoning, and handles tool calls. */
const bridging = (subject: Subject, seen: Array<string> = []) =>
  Layer.merge(
    EffectAi.layer({ reasoning: { effort: "low" }, providerOptions: subject.options }),
    program.handlers(seen)
  )

/** The response to the tool results. */
const meaning = 'get_weather says: {"sky":"clear","celsius":18}\nget_time says: noon'

describe("the program", () => {
  it("imports only @effect/ai and effect", () => {
    const imports = readFileSync(new URL("program.ts", import.meta.url), "utf8").match(/from ".*"/g)
    expect(imports).toEqual(['from "@effect/ai"', 'from "effect"'])
  })
})

describe.each([...subjects, stored])("%s", (_, subject) => {
  it.live("returns a non-streaming response with its reasoning, finish reason, model and usage", () =>
    Effect.gen(function* () {
      const response = yield* program.text
      expect(response.text).toBe(answer)
      expect(response.finishReason).toBe("stop")
      const { inputTokens, outputTokens, totalTokens } = response.usage
      expect([inputTokens, outputTokens].every((count) => count !== undefined && count > 0)).toBe(true)
      expect(totalTokens).toBe((inputTokens ?? 0) + (outputTokens ?? 0))
      expect(response.content.map((part) => part.type).slice(-3)).toEqual(["text", "response-metadata", "finish"])
      expect(response.reasoningText).toMatch(/^The user asks/)
      const finish = response.content.at(-1)
      expect(finish?.metadata).toMatchObject({ "llm-connectivity": { provider: subject.provider } })
    }).pipe(Effect.provide(bridging(subject)), asking(subject))
  )

  it.live("streams a response as blocks with start, deltas and end, then its usage", () =>
    Effect.gen(function* () {
      const complete = yield* program.text
      const parts = Chunk.toReadonlyArray(yield* Stream.runCollect(program.streamed))
      const kinds = parts.map((part) => part.type)
      expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual([
        ...["reasoning-start", "reasoning-delta", "reasoning-end", "text-start", "text-delta", "text-end"],
        ...["response-metadata", "finish"]
      ])
      const text = parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : [])).join("")
      expect(text).toBe(answer)
      expect(
        new Set(parts.flatMap((part) => (part.type.startsWith("text") && "id" in part ? [part.id] : []))).size
      ).toBe(1)
      expect(parts.at(-1)).toMatchObject({ reason: "stop", usage: { ...complete.usage } })
    }).pipe(Effect.provide(bridging(subject)), asking(subject))
  )

  it.live("runs the handlers of a toolkit, streaming and non-streaming", () => {
    const seen: Array<string> = []
    return Effect.gen(function* () {
      const complete = yield* program.called
      expect(complete.toolCalls.map(({ name, params }) => [name, params])).toEqual([
        ["get_weather", { city: "Paris" }],
        ["get_time", {}]
      ])
      expect(complete.toolResults.map(({ result }) => result)).toEqual([{ sky: "clear", celsius: 18 }, "noon"])
      expect(complete.finishReason).toBe("tool-calls")
      const parts = Chunk.toReadonlyArray(yield* Stream.runCollect(program.streamedCall))
      const written = (id: string) =>
        parts.flatMap((part) => (part.type === "tool-params-delta" && part.id === id ? [part.delta] : [])).join("")
      for (const part of parts) {
        if (part.type === "tool-call") expect(JSON.parse(written(part.id) || "{}")).toEqual(part.params)
      }
      expect(parts.flatMap((part) => (part.type === "tool-result" ? [part.result] : []))).toEqual([
        { sky: "clear", celsius: 18 },
        "noon"
      ])
      expect(seen).toEqual(["Paris", "time", "Paris", "time"])
    }).pipe(Effect.provide(bridging(subject, seen)), asking(subject))
  })

  it.live("decodes a response with a schema", () =>
    Effect.gen(function* () {
      expect((yield* program.object).value).toEqual(new program.Person({ name: "Ada", age: 42 }))
    }).pipe(Effect.provide(bridging(subject)), asking(subject))
  )

  it.live("continues a Chat with its earlier messages, whose metadata Prompt.fromResponseParts drops", () =>
    Effect.gen(function* () {
      const { second } = yield* program.conversation
      expect(second.text).toBe(meaning)
      const parts = yield* program.streamedConversation
      expect(parts.flatMap((part) => (part.type === "text-delta" ? [part.delta] : [])).join("")).toBe(meaning)
    }).pipe(Effect.provide(bridging(subject)), asking(subject))
  )
})

describe("a Model of @effect/ai", () => {
  it.effect("serves one provider, and names it", () =>
    Effect.gen(function* () {
      const model = yield* EffectAi.model(OpenAI, { model: "gpt-4o-mini" }, { maxTokens: 9 })
      const [response, name] = yield* Effect.provide(Effect.zip(program.text, Model.ProviderName), model)
      expect([response.text, name]).toEqual(["One", "openai"])
      expect(yield* MockLLM.requests).toMatchObject([{ model: "gpt-4o-mini", maxTokens: 9 }])
    }).pipe(Effect.provide(MockLLM.provider(OpenAI, ["One"])))
  )
})

describe("settings", () => {
  it.effect("of a call override those of the layer", () =>
    Effect.gen(function* () {
      const colder = Effect.provideService(EffectAi.CallSettings, { temperature: 0 })
      yield* colder(program.text)
      yield* Stream.runDrain(Stream.provideService(program.streamed, EffectAi.CallSettings, { maxTokens: 1 }))
      const [complete, streamed] = yield* MockLLM.requests
      expect(complete).toMatchObject({ temperature: 0, maxTokens: 9 })
      expect(streamed).toMatchObject({ temperature: 1, maxTokens: 1 })
    }).pipe(
      Effect.provide(EffectAi.layer({ maxTokens: 9, temperature: 1 })),
      Effect.provide(MockLLM.layer(["One", "Two"]))
    )
  )
})

describe("messages with tool calls", () => {
  const metadata = { provider: { signature: "s" } }
  const turn = (id: string) => [
    {
      toolCalls: [{ index: 0, id, name: "get_time", arguments: "{}" }],
      part: { index: 0, type: "tool-call" as const, providerMetadata: metadata }
    }
  ]

  it.effect("have the provider's metadata on their parts", () =>
    Effect.gen(function* () {
      const response = yield* LanguageModel.generateText({ prompt: program.paris, toolkit: program.tools })
      const call = response.content.find((part) => part.type === "tool-call")
      expect(call?.metadata).toEqual({ "llm-connectivity": { providerMetadata: metadata } })
    }).pipe(
      Effect.provide(EffectAi.layer()),
      Effect.provide(program.handlers()),
      Effect.provide(MockLLM.layer([turn("call_abc")]))
    )
  )

  it.effect("have one id from the first delta of a call to its result", () =>
    Effect.gen(function* () {
      const parts = Chunk.toReadonlyArray(yield* Stream.runCollect(program.streamedCall))
      const ids = parts.flatMap((part) => (part.type.startsWith("tool-") && "id" in part ? [part.id] : []))
      expect(ids).toHaveLength(5)
      expect(new Set(ids).size).toBe(1)
      expect(ids[0]).toMatch(/^call_\d{12,}$/)
    }).pipe(
      Effect.provide(EffectAi.layer()),
      Effect.provide(program.handlers()),
      Effect.provide(MockLLM.layer([turn("call_0")]))
    )
  )
})

describe("a streamed text", () => {
  it.effect("has all metadata of its part, which may come in several chunks", () =>
    Effect.gen(function* () {
      const parts = Chunk.toReadonlyArray(yield* Stream.runCollect(LanguageModel.streamText({ prompt: "Hi" })))
      const end = parts.find(({ type }) => type === "text-end")
      expect(end?.metadata).toEqual({ "llm-connectivity": { providerMetadata: { mock: { id: "1", signature: "s" } } } })
    }).pipe(
      Effect.provide(EffectAi.layer()),
      Effect.provide(
        MockLLM.layer([
          [
            { content: "Hello", part: { index: 0, type: "text", providerMetadata: { mock: { id: "1" } } } },
            { part: { index: 0, type: "text", providerMetadata: { mock: { signature: "s" } } } }
          ]
        ])
      )
    )
  )
})

describe("sources", () => {
  const source = { url: "https://example.com/", title: "Sport", range: { start: 0, end: 3 } }
  const cited = [
    { content: "Ulm" },
    { sources: [source, { url: "https://example.org/" }] },
    { finishReason: "other" as const, paused: true as const }
  ].map((chunk) => StreamChunk.make(chunk))
  const expected = [
    { url: new URL(source.url), title: "Sport", metadata: { "llm-connectivity": { range: source.range } } },
    { url: new URL("https://example.org/"), title: "https://example.org/", metadata: {} }
  ]
  const serving = Effect.provide(
    Layer.provide(
      EffectAi.layer(),
      MockLLM.layer(() => cited)
    )
  )
  const prompt = "Who won?"

  it.effect("are source parts with ids of their own, and a pause is the finish reason", () =>
    Effect.gen(function* () {
      const { content: whole } = yield* LanguageModel.generateText({ prompt })
      const streamed = Chunk.toReadonlyArray(yield* Stream.runCollect(LanguageModel.streamText({ prompt })))
      for (const parts of [whole, streamed]) {
        const sources = parts.filter((part) => part.type === "source")
        expect(sources).toMatchObject(expected)
        expect(new Set(sources.map(({ id }) => id)).size).toBe(2)
        expect(parts.at(-1)).toMatchObject({ type: "finish", reason: "pause" })
      }
    }).pipe(serving)
  )
})
