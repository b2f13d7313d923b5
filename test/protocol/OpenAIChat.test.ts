import { readFileSync } from "node:fs"
import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { ChatRequest } from "../../src/domain/ChatRequest.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import { questionOf } from "../support/preparedRequest.js"
import { aroundLineEnds, read } from "../support/read.js"

const protocol = OpenAIChat.make({ provider: "openai", maxTokensField: "max_completion_tokens" })

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/openai-chat/${name}.sse`, import.meta.url), "utf8")

const events = (...choices: ReadonlyArray<object>): string =>
  choices.map((choice) => `data: ${JSON.stringify({ choices: [choice] })}\n\n`).join("")

const tools = (...deltas: ReadonlyArray<object>): string =>
  `${events(...deltas.map((delta) => ({ delta: { tool_calls: [delta] } })))}${events({ finish_reason: "tool_calls" })}`

describe("a stream of chat completions", () => {
  it.each(["text", "tools", "reasoning"])("decodes the same wherever it is split, with LF and CRLF: %s", (name) => {
    const unsplit = read(protocol, [fixture(name)])
    expect(unsplit.error).toBeUndefined()
    expect(unsplit.response?.usage?.inputTokens).toBe(9)
    const chunks = JSON.stringify(unsplit.chunks)
    const lf = new TextEncoder().encode(fixture(name))
    const crlf = new TextEncoder().encode(fixture(name).replaceAll("\n", "\r\n"))
    for (const [bytes, places] of [
      [lf, [...lf.keys(), lf.length]],
      [crlf, aroundLineEnds(crlf)]
    ] as const) {
      for (const at of places) {
        expect(JSON.stringify(read(protocol, [bytes.slice(0, at), bytes.slice(at)]).chunks)).toBe(chunks)
      }
    }
  })

  it("returns reasoning, text, tool calls and usage", () => {
    expect(read(protocol, [fixture("reasoning")]).response).toMatchObject({
      reasoning: "Let me think.",
      content: "Four.",
      finishReason: "length"
    })
    expect(read(protocol, [fixture("tools")]).response).toMatchObject({
      content: "",
      finishReason: "tool_calls",
      toolCalls: [
        { id: "call_a", name: "weather", arguments: '{"city":"Ulm"}' },
        { id: "call_b", name: "clock", arguments: "{}" }
      ]
    })
  })

  it("returns the first of several choices", () => {
    const { response } = read(protocol, [
      events({ index: 1, delta: { content: "no" } }, { index: 0, delta: { content: "yes" } }),
      events({ index: 1, finish_reason: "length" }, { index: 0, finish_reason: "stop" })
    ])
    expect(response).toMatchObject({ content: "yes", finishReason: "stop" })
  })
})

describe("a vendor's deviation is tolerated:", () => {
  it("content as parts, with reasoning among them (Mistral)", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "yes" }
    ]
    expect(read(protocol, [events({ delta: { content } }, { finish_reason: "stop" })]).response).toMatchObject({
      reasoning: "hm",
      content: "yes"
    })
  })

  it("tool calls without an index (Mistral), all numbered 0 (Google), with arguments as an object, without an id", () => {
    const one = { function: { name: "f", arguments: '{"a":1}' } }
    const two = { function: { name: "g", arguments: { b: 2 } } }
    const expected = [
      { name: "f", arguments: '{"a":1}' },
      { name: "g", arguments: '{"b":2}' }
    ]
    expect(read(protocol, [tools({ id: "x", ...one }, { id: "y", ...two })]).response?.toolCalls).toMatchObject(
      expected
    )
    expect(
      read(protocol, [tools({ index: 0, id: "x", ...one }, { index: 0, id: "y", ...two })]).response?.toolCalls
    ).toMatchObject(expected)
    expect(read(protocol, [tools({ index: 0, ...one }, { index: 1, ...two })]).response?.toolCalls).toMatchObject([
      { id: "call_0" },
      { id: "call_1" }
    ])
  })

  it("the same reasoning under two names (OpenRouter), a repeated finish, an empty finish", () => {
    const { response, chunks } = read(protocol, [
      events({ delta: { reasoning: "a", reasoning_content: "a" }, finish_reason: "" }),
      events({ delta: { content: "b" } }, { finish_reason: "stop" }, { finish_reason: "stop" })
    ])
    expect(response).toMatchObject({ reasoning: "a", content: "b" })
    expect(chunks.filter((chunk) => chunk.finishReason !== null)).toHaveLength(1)
  })

  it("usage beside the choices, inside x_groq, and xAI's, which excludes reasoning from the completion", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
    const end = { choices: [{ finish_reason: "stop" }] }
    const usageOf = (event: object) => read(protocol, [`data: ${JSON.stringify(event)}\n\n`]).response?.usage
    expect(usageOf({ ...end, usage })).toMatchObject({ totalTokens: 8 })
    expect(usageOf({ ...end, x_groq: { usage } })).toMatchObject({ totalTokens: 8 })
    const xai = { ...usage, total_tokens: 18, completion_tokens_details: { reasoning_tokens: 10 } }
    expect(usageOf({ ...end, usage: xai })).toMatchObject({
      outputTokens: 13,
      reasoningTokens: 10,
      totalTokens: 18
    })
    expect(usageOf({ ...end, usage: { ...usage, prompt_cache_hit_tokens: 4 } })).toMatchObject({
      cacheReadTokens: 4
    })
  })

  it("new finish reasons, null instead of values, unknown fields and events", () => {
    const { response, chunks } = read(protocol, [
      `data: ${JSON.stringify({ choices: [{ index: null, delta: { content: null, tool_calls: null, vibe: 1 } }], usage: null })}\n\n`,
      'data: {"type":"weather.report"}\n\n',
      events({ delta: null, finish_reason: "tired" })
    ])
    expect(response?.finishReason).toBe("other")
    expect(chunks).toHaveLength(3)
  })

  it("a refusal with the finish reason stop", () => {
    expect(
      read(protocol, [events({ delta: { refusal: "I won't." } }, { finish_reason: "stop" })]).response
    ).toMatchObject({
      content: "I won't.",
      message: { content: [{ type: "refusal", text: "I won't." }] },
      finishReason: "content_filter"
    })
  })
})

describe("a request for chat completions", () => {
  const encode = (request: Partial<ChatRequest>) =>
    protocol.encode(questionOf({ messages: [{ role: "user", content: "hi" }], ...request, model: "m" }), true)

  it("is rejected if a field is unsupported", () => {
    expect(encode({ reasoning: { budgetTokens: 100 } })).toEqual(
      Either.left(expect.stringContaining("reasoning.effort"))
    )
  })

  it("has an effect/Schema as JSON Schema", () => {
    const City = Schema.Struct({ city: Schema.String, state: Schema.optional(Schema.String) })
    const body = Either.getOrThrow(
      encode({ tools: [{ name: "f", parameters: City }], responseFormat: { type: "json", schema: City } })
    ).body
    expect(body).toMatchObject({
      tools: [{ function: { parameters: { type: "object", required: ["city"] } } }],
      response_format: { json_schema: { name: "answer", strict: false, schema: { additionalProperties: false } } }
    })
  })
})
