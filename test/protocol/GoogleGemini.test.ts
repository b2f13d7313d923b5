import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { ChatFold } from "../../src/domain/ChatResponse.js"
import type { StreamChunk } from "../../src/domain/StreamChunk.js"
import { parseJson } from "../../src/http/Json.js"
import { make } from "../../src/protocol/google-gemini/protocol.js"
import { decoders } from "../../src/provider/engine/ResponseDecoder.js"
import { cpuMillis, slack } from "../support/atAnySpeed.js"
import { bounds } from "../support/read.js"

const protocol = make({ provider: "google" })
const newReader = decoders(protocol, bounds)

const context = { provider: "google", model: "gemini-3-flash", headers: {}, secrets: [], sentTexts: () => [] }

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/google-gemini/${name}.sse`, import.meta.url))

const read = (bytes: Uint8Array, size = bytes.length) => {
  const reader = newReader(context)
  const chunks: Array<StreamChunk> = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(...reader.push(bytes.subarray(at, at + size)))
  chunks.push(...reader.end())
  const fold = new ChatFold()
  for (const chunk of chunks) fold.add(chunk)
  return { outcome: reader.outcome, chunks, response: fold.response() }
}

const readEvents = (...events: ReadonlyArray<unknown>) =>
  read(new TextEncoder().encode(events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join("")))

const parts = (...all: ReadonlyArray<unknown>) => ({ candidates: [{ content: { parts: all, role: "model" } }] })

const finish = (finishReason: string) => ({ candidates: [{ content: { parts: [] }, finishReason }] })

describe("a stream of Gemini", () => {
  it("returns text, reasoning, usage and the model, one chunk per event", () => {
    const { outcome, chunks, response } = read(fixture("text"))
    expect(outcome).toBe("complete")
    expect(chunks.map((chunk) => chunk.content)).toEqual(["", "Grüße 👋", " zwei", ""])
    expect(response).toMatchObject({
      content: "Grüße 👋 zwei",
      reasoning: "**Greeting**\n\n",
      toolCalls: [],
      finishReason: "stop",
      model: "gemini-3-flash-preview"
    })
  })

  it("reads cumulative usage, adds reasoning to the output, and keeps counts that a later event omits", () => {
    const { chunks } = read(fixture("text"))
    expect(chunks.map((chunk) => chunk.usage?.totalTokens)).toEqual([7, 30, 32, 42])
    expect(chunks.at(-1)?.usage).toEqual({
      inputTokens: 17,
      outputTokens: 25,
      totalTokens: 42,
      cacheReadTokens: 4,
      cacheWriteTokens: 0,
      reasoningTokens: 20
    })
  })

  it("returns the same chunks however the bytes are split", () => {
    for (const name of ["text", "tools", "blocked", "pieces", "broken"]) {
      const unsplit = read(fixture(name))
      for (const size of [1, 2, 3, 7]) expect(read(fixture(name), size)).toEqual(unsplit)
    }
  })

  it("returns tool calls with their own or generated ids, and finishes with tool_calls", () => {
    const { response } = read(fixture("tools"))
    expect(response?.toolCalls).toEqual([
      { id: "a1b2c3d4", name: "weather", arguments: '{"city":"Köln"}' },
      { id: "call_1", name: "clock", arguments: "{}" }
    ])
    expect(response?.finishReason).toBe("tool_calls")
    expect(response?.message.content).toMatchObject([
      { type: "text" },
      { type: "tool-call", providerMetadata: { google: { thoughtSignature: "Zmlyc3Q=" } } },
      { type: "tool-call", name: "clock" }
    ])
  })

  it("joins arguments that arrive in pieces, even without the end of the last", () => {
    const { response } = read(fixture("pieces"))
    expect(response?.toolCalls).toEqual([
      {
        id: "call_0",
        name: "cook",
        arguments: '{"steps":[{"name":"Boil"},{"max minutes":0}],"salted":false,"lid":null}'
      },
      { id: "call_1", name: "read_theme", arguments: "{}" },
      { id: "call_2", name: "cook", arguments: '{"salted":true}' }
    ])
    expect(response?.usage?.totalTokens).toBe(181)
  })

  it("handles malicious JSON paths", () => {
    const piece = (jsonPath: string) => ({ jsonPath, stringValue: "x" })
    const paths = ["$.__proto__.a", "$.list[4294967294]", "$.list[9].b", "", "$", "$.deep.__proto__[0]"]
    const call = { name: "f", partialArgs: paths.map(piece) }
    const { response } = readEvents(parts({ functionCall: call }), finish("STOP"))
    expect(response?.toolCalls[0]?.arguments).toBe(
      '{"__proto__":{"a":"x"},"list":["x",{"b":"x"}],"deep":{"__proto__":["x"]}}'
    )
  })

  it.each([
    ["names", (count: number) => `$${".a".repeat(count)}`],
    ["indexes", (count: number) => `$.a${"[0]".repeat(count - 1)}`],
    ["quoted names", (count: number) => `$${"['a']".repeat(count)}`]
  ])("refuses paths of more levels than JSON may have in bounded time: %s", (_, pathOf) => {
    const callOf = (count: number) => ({ name: "f", partialArgs: [{ jsonPath: pathOf(count), stringValue: "x" }] })
    const startedAt = cpuMillis()
    for (const count of [256, 5000, 500_000]) {
      const { outcome, response } = readEvents(parts({ functionCall: callOf(count) }), finish("STOP"))
      expect(response).toBeUndefined()
      expect(outcome).toMatchObject({
        _tag: "ProviderError",
        message: expect.stringContaining("functionCall.partialArgs.jsonPath of a Gemini event is not as documented")
      })
    }
    expect(cpuMillis() - startedAt).toBeLessThan(2000 * slack)
    const { response } = readEvents(parts({ functionCall: callOf(255) }), finish("STOP"))
    expect(parseJson(response?.toolCalls[0]?.arguments ?? "")).toBeDefined()
  })

  it("keeps the signature of each part, and unknown parts unchanged", () => {
    const code = { executableCode: { language: "PYTHON", code: "1+1" }, thoughtSignature: "b" }
    const { response } = readEvents(
      parts({ text: "Hm", thought: true, thoughtSignature: "a" }, code, { text: "Two" }, { thoughtSignature: "c" }),
      finish("STOP")
    )
    expect(response?.message.content).toEqual([
      { type: "reasoning", text: "Hm", providerMetadata: { google: { thoughtSignature: "a" } } },
      { type: "provider", provider: "google", data: code },
      { type: "text", text: "Two", providerMetadata: { google: { thoughtSignature: "c" } } }
    ])
    expect(response).toMatchObject({ content: "Two", reasoning: "Hm", finishReason: "stop" })
  })

  it("ends a blocked prompt with content_filter, also after text", () => {
    expect(read(fixture("blocked")).response).toMatchObject({ content: "", finishReason: "content_filter" })
    const { response } = readEvents(parts({ text: "So" }), { promptFeedback: { blockReason: "SAFETY" } })
    expect(response).toMatchObject({ content: "So", finishReason: "content_filter" })
  })

  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["RECITATION", "content_filter"],
    ["LANGUAGE", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["MALFORMED_FUNCTION_CALL", "other"],
    ["TOO_MANY_TOOL_CALLS", "other"],
    ["SOMETHING_NEW", "other"],
    ["toString", "other"]
  ])("finishes %s with %s", (reported, reason) => {
    expect(readEvents(parts({ text: "Hi" }), finish(reported)).response?.finishReason).toBe(reason)
  })

  it("treats an end without a finish reason, or with an unset one, as truncated", () => {
    expect(readEvents(parts({ text: "Hi" })).outcome).toMatchObject({ reason: "Truncated" })
    expect(readEvents(finish("FINISH_REASON_UNSPECIFIED")).outcome).toMatchObject({ reason: "Truncated" })
  })

  it("reads the first candidate only", () => {
    const candidates = [
      { index: 1, content: { parts: [{ text: "no" }] }, finishReason: "SAFETY" },
      { index: 0, content: { parts: [{ text: "yes" }] }, finishReason: "STOP" }
    ]
    expect(readEvents({ candidates }).response).toMatchObject({ content: "yes", finishReason: "stop" })
  })

  it("tolerates unknown fields, and null instead of values", () => {
    const odd = { text: null, thought: null, thoughtSignature: null, functionCall: null, newKind: { a: 1 } }
    const { outcome, chunks } = readEvents(
      { candidates: null, promptFeedback: null, usageMetadata: null, modelVersion: null, error: null, novel: [] },
      { candidates: [null, { content: null, finishReason: null, index: null, safetyRatings: [{}] }] },
      { candidates: [{ content: {} }, {}], promptFeedback: { blockReason: "BLOCK_REASON_UNSPECIFIED" } },
      parts(null, {}, odd, { functionCall: {} }),
      parts({ text: "Hi" }),
      finish("STOP")
    )
    expect(outcome).toBe("complete")
    expect(chunks).toHaveLength(6)
    expect(chunks.every((chunk) => chunk.toolCalls.length === 0 && chunk.rawChunk !== null)).toBe(true)
  })

  it.each([
    [{ candidates: {} }, "candidates"],
    [parts({ text: 1 }), "candidates.0.content.parts.0.text"],
    [parts({ functionCall: "f" }), "candidates.0.content.parts.0.functionCall"],
    [{ usageMetadata: { promptTokenCount: "1" } }, "usageMetadata.promptTokenCount"]
  ])("rejects a known field of the wrong type: %j", (event, path) => {
    expect(readEvents(event, finish("STOP")).outcome).toMatchObject({
      _tag: "ProviderError",
      message: `google/gemini-3-flash sent a malformed response: ${path} of a Gemini event is not as documented`
    })
  })

  it("fails with an error event, and with a bare JSON error", () => {
    const error = { code: 429, message: "Slow down", status: "RESOURCE_EXHAUSTED" }
    expect(readEvents(parts({ text: "Hi" }), { error }).outcome).toMatchObject({ reason: "RateLimit" })
    const { chunks, outcome } = read(fixture("broken"))
    expect(chunks.map((chunk) => chunk.content)).toEqual(["First"])
    expect(outcome).toMatchObject({ _tag: "RateLimitError", reason: "Overloaded" })
  })

  it("reads a non-streaming response as one event, and a list as its events", () => {
    const one = { ...parts({ text: "Hi" }), modelVersion: "gemini-x" }
    expect(protocol.eventsOfResponse(one)).toEqual([one])
    expect(protocol.eventsOfResponse([one, finish("STOP")])).toEqual([one, finish("STOP")])
    expect(protocol.reportedError(one)).toBeUndefined()
  })
})
