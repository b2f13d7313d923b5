import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schema, Stream, TestClock } from "effect"
import {
  type ChatRequest,
  collect,
  Google,
  type JsonSchema,
  LLMClient,
  type Message,
  OpenAI,
  RateLimitError,
  StreamChunk
} from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { hello } from "../support/openai.js"

const limited = new RateLimitError({ provider: "openai", model: "m", message: "slow down", reason: "RateLimit" })

describe("MockLLM", () => {
  it.effect("answers requests in order and records them", () =>
    Effect.gen(function* () {
      expect((yield* LLMClient.chat(hello)).content).toBe("first")
      const second = yield* collect(LLMClient.chatStream({ ...hello, temperature: 1 }))
      expect(second).toMatchObject({
        content: "second one",
        finishReason: "stop",
        provider: "mock",
        model: "mock"
      })
      expect(yield* MockLLM.requests).toMatchObject([hello, { temperature: 1 }])
    }).pipe(Effect.provide(MockLLM.layer(["first", ["second", " one"]])))
  )

  it.effect("emits exactly one finish reason, as a provider does", () =>
    Effect.gen(function* () {
      const chunks = yield* Stream.runCollect(LLMClient.chatStream(hello))
      for (const chunk of chunks) expect(StreamChunk.make(chunk)).toEqual(chunk)
      expect(Array.from(chunks, (chunk) => chunk.finishReason)).toEqual([null, null, "tool_calls"])
    }).pipe(Effect.provide(MockLLM.layer([["hm", { toolCalls: [{ index: 0, id: "c", name: "f", arguments: "{}" }] }]])))
  )

  it.effect("fails as scripted, without a retry", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(LLMClient.chat(hello))).toBe(limited)
    }).pipe(Effect.provide(MockLLM.layer([limited])))
  )

  it.effect("pauses on TestClock", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(LLMClient.chat(hello))
      yield* TestClock.adjust("59 seconds")
      expect(yield* Fiber.poll(fiber)).toMatchObject({ _tag: "None" })
      yield* TestClock.adjust("1 second")
      expect((yield* Fiber.join(fiber)).content).toBe("slow answer")
    }).pipe(Effect.provide(MockLLM.layer([["slow", { pause: "1 minute" }, " answer"]])))
  )

  it.effect("fails when the responses are exhausted; a function answers any number of requests", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(LLMClient.chat(hello))).message).toContain("no response for request 1")
      const echo = MockLLM.layer((request, index) => `${index}: ${request.messages.length}`)
      const both = yield* Effect.provide(Effect.all([LLMClient.chat(hello), LLMClient.chat(hello)]), echo)
      expect(both.map((response) => response.content)).toEqual(["0: 1", "1: 1"])
    }).pipe(Effect.provide(MockLLM.layer([])))
  )

  it.effect("validates the request as a provider does", () =>
    Effect.gen(function* () {
      expect((yield* Effect.flip(LLMClient.chat({ messages: [] })))._tag).toBe("ValidationError")
    }).pipe(Effect.provide(MockLLM.layer(["never given"])))
  )

  it.effect("serves a provider's tag", () =>
    Effect.gen(function* () {
      const openai = yield* OpenAI
      expect(openai.name).toBe("openai")
      expect((yield* openai.chat(hello)).content).toBe("mocked")
    }).pipe(Effect.provide(MockLLM.provider(OpenAI, ["mocked"])))
  )

  const tool = (name: string, parameters: JsonSchema = { type: "object", properties: {} }) => ({ name, parameters })
  const result: Message = { role: "tool", toolCallId: "call-1", content: "sunny" }
  const wrong: ReadonlyArray<readonly [what: string, request: ChatRequest, problem: string]> = [
    ["a tool with a blank in its name", { ...hello, tools: [tool("the weather")] }, "without blanks"],
    ["two tools of one name", { ...hello, tools: [tool("weather"), tool("weather")] }, "two have the name weather"],
    ["a choice of no tool", { ...hello, toolChoice: { name: "weather" } }, "tools is empty"],
    ["a result without its call", { messages: [...hello.messages, result] }, "no assistant message before it"],
    ["parameters that are no object", { ...hello, tools: [tool("a", { type: "string" })] }, "must describe an object"],
    [
      "an effect/Schema without a JSON Schema",
      { ...hello, tools: [{ name: "a", parameters: Schema.Struct({ big: Schema.BigIntFromSelf }) }] },
      "that JSON Schema cannot express"
    ]
  ]

  it.effect.each(wrong)("rejects %s, as real clients do", ([, request, problem]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(LLMClient.chat(request))
      const sent = LLMClient.chat(request).pipe(
        Effect.provide(LLMClient.fromProvider(OpenAI, { model: "gpt-4o" })),
        Effect.provide(OpenAI.layer({ apiKey: Redacted.make("sk-test-0123456789"), baseUrl: "http://127.0.0.1:1" })),
        Effect.provide(FetchHttpClient.layer)
      )
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining(problem) })
      expect(error.message).toBe((yield* Effect.flip(sent)).message.replace(/^openai:/, "mock:"))
      expect(yield* MockLLM.requests).toEqual([])
    }).pipe(Effect.provide(MockLLM.layer(["never"])))
  )

  it.effect("takes the names of tools that the mocked provider takes", () =>
    Effect.gen(function* () {
      const response = yield* LLMClient.chat({ ...hello, tools: [tool("maps.find:place")] })
      expect(response.content).toBe("found")
    }).pipe(
      Effect.provide(LLMClient.fromProvider(Google, { model: "gemini-2.5-flash" })),
      Effect.provide(MockLLM.provider(Google, ["found"]))
    )
  )
})
