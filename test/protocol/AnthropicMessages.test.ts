import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Either, FastCheck, Schema } from "effect"
import type { ChatRequest } from "../../src/domain/ChatRequest.js"
import { ChatFold } from "../../src/domain/ChatResponse.js"
import { type AssistantPart, partsOf } from "../../src/domain/ContentPart.js"
import * as httpErrors from "../../src/http/errors/httpErrors.js"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import { decoders, type ResponseDecoder } from "../../src/provider/engine/ResponseDecoder.js"
import { questionOf } from "../support/preparedRequest.js"
import { bounds } from "../support/read.js"

const protocol = AnthropicMessages.make({ provider: "anthropic" })
const context = { provider: "anthropic", model: "claude-sonnet-4-5", headers: {}, secrets: [], sentTexts: () => [] }
const newReader = decoders(protocol, bounds)
const isEvent = Schema.is(protocol.event)

const folded = (read: (reader: ReturnType<typeof newReader>) => ReturnType<ResponseDecoder<never, never>["end"]>) => {
  const reader = newReader(context)
  const chunks = read(reader)
  const fold = new ChatFold()
  for (const chunk of chunks) fold.add(chunk)
  return { chunks, outcome: reader.outcome, ...fold.partial(), response: fold.response() }
}

const readBytes = (bytes: Uint8Array, size: number) =>
  folded((reader) => {
    const reads = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      reader.push(bytes.subarray(at * size, (at + 1) * size))
    )
    return [...reads.flat(), ...reader.end()]
  })

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/anthropic-messages/${name}.sse`, import.meta.url))

const readEvents = (...events: ReadonlyArray<unknown>) =>
  readBytes(new TextEncoder().encode(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")), 1 << 20)

const readAnswer = (answer: unknown) => folded((reader) => reader.readResponse(answer))

const start = (index: number, content_block: unknown) => ({ type: "content_block_start", index, content_block })
const delta = (index: number, delta: unknown) => ({ type: "content_block_delta", index, delta })
const stop = (index: number) => ({ type: "content_block_stop", index })
const finish = (stop_reason: string | null) => ({ type: "message_delta", delta: { stop_reason } })
const text = (words: string) => delta(0, { type: "text_delta", text: words })
const json = (index: number, partial_json: string) => delta(index, { type: "input_json_delta", partial_json })
const end = { type: "message_stop" }

describe("reading a stream", () => {
  it("returns the same text, model and usage however the bytes are split", () => {
    const bytes = fixture("text")
    const unsplit = readBytes(bytes, bytes.length)
    expect(unsplit.outcome).toBe("complete")
    expect(unsplit.content).toBe("Grüß Gott")
    expect(unsplit.response).toMatchObject({ model: "claude-sonnet-4-5-20250929", finishReason: "stop" })
    expect(unsplit.usage).toEqual({
      inputTokens: 442,
      outputTokens: 9,
      totalTokens: 451,
      cacheReadTokens: 400,
      cacheWriteTokens: 30,
      reasoningTokens: 4
    })
    expect(readBytes(bytes, 1)).toEqual(unsplit)
    expect(readBytes(bytes, 13)).toEqual(unsplit)
  })

  it("returns one chunk per event except pings and the end, with usage as soon as it is reported", () => {
    const { chunks } = readBytes(fixture("text"), 64)
    expect(chunks.map((chunk) => chunk.rawChunk)).toMatchObject([
      { type: "message_start" },
      { type: "content_block_start" },
      { delta: { text: "Grüß " } },
      { delta: { text: "Gott" } },
      { delta: { type: "citations_delta" } },
      { type: "content_block_stop" },
      { type: "message_delta" }
    ])
    expect(chunks[0]?.usage).toMatchObject({ inputTokens: 442, outputTokens: 1 })
  })

  it("returns reasoning, tool calls indexed from 0, and the provider metadata of parts", () => {
    const read = readBytes(fixture("thinking-and-tools"), 5)
    expect(read.reasoning).toBe("Two cities.")
    expect(read.toolCalls).toEqual([
      { id: "toolu_1", name: "weather", arguments: '{"city": "Rome"}' },
      { id: "toolu_2", name: "today", arguments: "" }
    ])
    expect(read.response?.finishReason).toBe("tool_calls")
    expect(read.response?.message.content).toEqual([
      { type: "reasoning", text: "Two cities.", providerMetadata: { anthropic: { signature: "c2ln" } } },
      { type: "provider", provider: "anthropic", data: { type: "redacted_thinking", data: "c2VjcmV0" } },
      { type: "text", text: "I look." },
      { type: "tool-call", id: "toolu_1", name: "weather", arguments: '{"city": "Rome"}' },
      { type: "tool-call", id: "toolu_2", name: "today", arguments: "" }
    ])
  })

  it("leaves server-side tools out of the tool calls", () => {
    const read = readBytes(fixture("server-tools"), 64)
    expect(read.toolCalls).toEqual([])
    expect(read.content).toBe("It rains.")
    expect(read.response?.finishReason).toBe("other")
    expect(read.usage).toMatchObject({ inputTokens: 90, outputTokens: 21 })
  })

  it("uses the arguments in the start of a call only if no deltas follow", () => {
    const call = (id: string, input: unknown) => ({ type: "tool_use", id, name: "f", input })
    const read = readEvents(
      start(0, call("a", { x: 1 })),
      stop(0),
      start(1, call("b", { x: 1 })),
      json(1, '{"x"'),
      stop(1),
      json(1, ":2}"),
      start(2, call("c", { x: 3 })),
      finish("tool_use"),
      end
    )
    expect(read.toolCalls.map((each) => each.arguments)).toEqual(['{"x":1}', '{"x":2}', '{"x":3}'])
    expect(read.outcome).toBe("complete")
  })

  it("separates interleaved calls, and calls that reuse an index", () => {
    const call = (id: string) => ({ type: "tool_use", id, name: "f" })
    const read = readEvents(
      start(0, call("a")),
      start(1, call("b")),
      json(0, "[1"),
      json(1, "[2"),
      json(0, "]"),
      json(1, "]"),
      start(0, { type: "server_tool_use", id: "s", name: "g" }),
      json(0, "no"),
      start(0, call("c")),
      json(0, "[3]"),
      finish("tool_use")
    )
    expect(read.toolCalls.map((each) => [each.id, each.arguments])).toEqual([
      ["a", "[1]"],
      ["b", "[2]"],
      ["c", "[3]"]
    ])
  })

  it("reads text in the start of a block", () => {
    expect(readEvents(start(0, { type: "text", text: "Hel" }), text("lo"), finish("end_turn")).content).toBe("Hello")
  })

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["refusal", "content_filter"],
    ["pause_turn", "other"],
    ["compaction", "other"],
    ["constructor", "other"]
  ])("reads the stop reason %s as %s", (reason, finishReason) => {
    expect(readEvents(text("x"), finish(reason), end).response?.finishReason).toBe(finishReason)
  })

  it("fails with an error event as with the same error in an HTTP response", () => {
    const read = readBytes(fixture("overloaded"), 32)
    expect(read.content).toBe("Half")
    expect(read.outcome).toMatchObject({ _tag: "RateLimitError", reason: "Overloaded" })
    const unnamed = readEvents({ type: "error", error: { type: "api_error", message: "Internal server error" } })
    expect(unnamed.outcome).toMatchObject({ _tag: "NetworkError", reason: "Server" })
  })
})

describe("tolerance", () => {
  it.each([
    ["an unknown event", { type: "message_thought", delta: "x", message: 3, content_block: [], usage: "free" }],
    ["an event without a type", { something: true }],
    ["an unknown delta", delta(0, { type: "hologram_delta", hologram: {} })],
    ["a delta that is null", delta(0, null)],
    ["text that is null", delta(0, { type: "text_delta", text: null })],
    ["a block that is null", start(9, null)],
    ["counts that are null", { type: "message_delta", delta: { stop_reason: null }, usage: { input_tokens: null } }],
    ["unknown fields", { ...text(""), delta: { type: "text_delta", text: "", more: [1] }, also: {} }],
    ["an end of a block that never began", stop(77)],
    ["JSON for a block that never began", json(77, "{}")]
  ])("accepts %s as an empty chunk", (_, event) => {
    const read = readEvents(text("a"), event, text("b"), finish("end_turn"), end)
    expect(read.outcome).toBe("complete")
    expect(read.content).toBe("ab")
    expect(read.chunks).toHaveLength(4)
    expect(read.chunks[1]).toEqual({
      content: "",
      reasoning: "",
      toolCalls: [],
      finishReason: null,
      usage: null,
      rawChunk: event
    })
  })

  it("keeps an unknown block as a part that goes back", () => {
    const hologram = { type: "hologram", data: { a: 1 }, input: 3 }
    const { outcome, content, chunks, message } = readEvents(
      text("a"),
      start(9, hologram),
      text("b"),
      finish("end_turn"),
      end
    )
    expect([outcome, content]).toEqual(["complete", "ab"])
    expect(chunks[1]).toMatchObject({ content: "", reasoning: "", toolCalls: [], finishReason: null, usage: null })
    expect(message.content).toContainEqual({ type: "provider", provider: "anthropic", data: hologram })
  })

  it.each([
    ["delta.text", delta(0, { type: "text_delta", text: 5 })],
    ["delta.thinking", delta(0, { type: "thinking_delta", thinking: {} })],
    ["delta.partial_json", delta(0, { type: "input_json_delta", partial_json: {} })],
    ["content_block.name", start(0, { type: "tool_use", id: "a", name: 1 })],
    ["usage.output_tokens", { type: "message_delta", delta: {}, usage: { output_tokens: "9" } }],
    ["message.model", { type: "message_start", message: { model: 4 } }]
  ])("rejects a known event whose %s has the wrong type, by the schema", (path, event) => {
    expect(isEvent(event)).toBe(false)
    const { outcome } = readEvents(event)
    expect(outcome).toMatchObject({ _tag: "ProviderError" })
    expect(String(outcome)).toContain(`${path} of a message event`)
  })

  it.each([
    ["delta", { type: "content_block_delta", index: 0 }],
    ["delta", delta(0, "text")],
    ["delta.text", delta(0, { type: "text_delta" })],
    ["delta.thinking", delta(0, { type: "thinking_delta" })],
    ["delta.signature", delta(0, { type: "signature_delta" })],
    ["delta.partial_json", delta(0, { type: "input_json_delta" })],
    ["content_block", { type: "content_block_start", index: 0 }],
    ["content_block.data", start(0, { type: "redacted_thinking", data: 3 })],
    ["message", { type: "message_start" }],
    ["delta", { type: "message_delta" }],
    ["usage", { type: "message_delta", delta: {}, usage: 3 }]
  ])("rejects a known event without %s", (path, event) => {
    const { outcome } = readEvents(event)
    expect(outcome).toMatchObject({ _tag: "ProviderError" })
    expect(String(outcome)).toContain(`${path} of a message event`)
  })
})

describe("reading a non-streaming response", () => {
  const answer = {
    id: "msg_b",
    type: "message",
    role: "assistant",
    model: "claude-opus-4-5",
    content: [
      { type: "thinking", thinking: "Two cities.", signature: "c2ln" },
      { type: "redacted_thinking", data: "c2VjcmV0" },
      { type: "text", text: "I look.", citations: null },
      { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } },
      { type: "tool_use", id: "toolu_2", name: "today", input: {} }
    ],
    stop_reason: "tool_use",
    usage: { input_tokens: 5, output_tokens: 40 }
  }

  it("returns the same as the equal stream, with the response as its raw form", () => {
    const streamed = readBytes(fixture("thinking-and-tools"), 64).response
    const nonStreaming = readAnswer(answer).response
    const toolCalls = streamed?.toolCalls.map((call) => ({ ...call, arguments: call.arguments.replace(" ", "") }))
    const parts = partsOf<AssistantPart>(streamed?.message.content ?? "")
    const content = parts.map((part) => {
      const call = part.type === "tool-call" ? toolCalls?.find(({ id }) => id === part.id) : undefined
      return { ...part, ...call }
    })
    const message = { ...streamed?.message, content }
    expect(nonStreaming).toEqual({ ...streamed, toolCalls, message, rawResponse: answer })
    expect(nonStreaming?.rawResponse).toBe(answer)
  })

  it("fails on an error and on a body that is not a response", () => {
    expect(
      readAnswer({ type: "error", error: { type: "not_found_error", message: "model: x" } }).outcome
    ).toMatchObject({ _tag: "ModelNotFoundError" })
    for (const body of [{}, [], "no", null, { type: "message", content: null }]) {
      expect(readAnswer(body).outcome).toMatchObject({ _tag: "ProviderError" })
    }
    expect(readAnswer({ ...answer, content: [{ type: "text", text: 5 }] }).outcome).toMatchObject({
      _tag: "ProviderError"
    })
  })
})

describe("classifying errors", () => {
  it.each([
    ["overloaded_error", "Overloaded", "RateLimitError"],
    ["rate_limit_error", "This request would exceed your rate limit", "RateLimitError"],
    ["api_error", "Internal server error", "NetworkError"],
    ["timeout_error", "Request timed out", "NetworkError"],
    ["authentication_error", "invalid x-api-key", "AuthenticationError"],
    ["permission_error", "Your API key may not use this", "AuthenticationError"],
    ["not_found_error", "model: claude-9", "ModelNotFoundError"],
    ["billing_error", "Payment required", "InsufficientCreditsError"],
    ["request_too_large", "Request exceeds the maximum size", "ContextWindowExceededError"],
    ["invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", "ContextWindowExceededError"],
    [
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 199211 + 20000 > 200000",
      "ContextWindowExceededError"
    ],
    ["invalid_request_error", "Your credit balance is too low to access the API", "InsufficientCreditsError"],
    [
      "invalid_request_error",
      "max_tokens: 99999 > 8192, which is the maximum allowed number of output tokens for claude-x",
      "ValidationError"
    ],
    ["invalid_request_error", "messages: at least one message is required", "ValidationError"],
    ["overloaded_error", "The model is overloaded", "RateLimitError"],
    ["tomorrows_error", "Something", "ProviderError"]
  ])("reads %s (%s) as %s", (type, message, tag) => {
    const error = protocol.reportedError({ type: "error", error: { type, message }, request_id: "req_1" })
    expect(error && httpErrors.reported(context, error)._tag).toBe(tag)
  })

  it("reads gateways' variants of an error, and no error in a response", () => {
    expect(protocol.reportedError({ error: "no such route" })?.message).toBe("no such route")
    expect(protocol.reportedError({ message: "Forbidden" })?.message).toBe("Forbidden")
    expect(protocol.reportedError({ type: "message", content: [] })).toBeUndefined()
    expect(protocol.reportedError("nothing")).toBeUndefined()
  })
})

const user = { role: "user", content: "Hi" } as const

const encode = (request: Partial<ChatRequest> & { readonly model?: string }) =>
  protocol.encode(questionOf({ messages: [user], model: "claude-sonnet-4-5", ...request }), true)

const bodyOf = (request: Partial<ChatRequest> & { readonly model?: string }): unknown =>
  JSON.parse(JSON.stringify(Either.getOrThrow(encode(request)).body))

const refusal = (request: Partial<ChatRequest> & { readonly model?: string }): string =>
  Either.getOrThrow(Either.flip(encode(request)))

const thinking = (model: string, reasoning: ChatRequest["reasoning"], maxTokens?: number): unknown =>
  bodyOf({ model, reasoning, maxTokens })

describe("encoding a request", () => {
  it("encodes the required fields", () => {
    expect(Either.getOrThrow(encode({})).path).toBe("/v1/messages")
    expect(bodyOf({})).toEqual({
      model: "claude-sonnet-4-5",
      max_tokens: 8192,
      messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
      stream: true
    })
  })

  it("encodes the common fields, overridden by the provider's options", () => {
    const parameters = { type: "object", properties: {} }
    expect(
      bodyOf({
        maxTokens: 10,
        temperature: 0.5,
        topP: 0.9,
        stop: "END",
        tools: [{ name: "f", description: "F", parameters, cache: "1h" }],
        toolChoice: "required",
        responseFormat: { type: "json", schema: parameters },
        providerOptions: { anthropic: { max_tokens: 11, service_tier: "auto" }, openai: { n: 1 } }
      })
    ).toMatchObject({
      max_tokens: 11,
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ["END"],
      tools: [
        { name: "f", description: "F", input_schema: parameters, cache_control: { type: "ephemeral", ttl: "1h" } }
      ],
      tool_choice: { type: "any" },
      output_config: { format: { type: "json_schema", schema: parameters } },
      service_tier: "auto"
    })
    expect(bodyOf({ toolChoice: { name: "f" } })).toMatchObject({ tool_choice: { type: "tool", name: "f" } })
    expect(bodyOf({ toolChoice: "none" })).toMatchObject({ tool_choice: { type: "none" } })
    expect(bodyOf({ responseFormat: { type: "text" } })).not.toHaveProperty("output_config")
  })

  it("moves system messages to the system field, and joins turns with tool results first", () => {
    expect(
      bodyOf({
        messages: [
          { role: "system", content: "A" },
          user,
          { role: "assistant", content: [{ type: "tool-call", id: "1", name: "f", arguments: "" }] },
          { role: "system", content: [{ type: "text", text: "B", cache: "5m" }] },
          { role: "user", content: "meanwhile" },
          { role: "tool", toolCallId: "1", content: [{ type: "text", text: "one", cache: "5m" }] },
          { role: "tool", toolCallId: "2", content: "" },
          { role: "user", content: [{ type: "text", text: "" }] }
        ]
      })
    ).toMatchObject({
      system: [
        { type: "text", text: "A" },
        { type: "text", text: "B", cache_control: { type: "ephemeral", ttl: "5m" } }
      ],
      messages: [
        { role: "user", content: [{ type: "text", text: "Hi" }] },
        { role: "assistant", content: [{ type: "tool_use", id: "1", name: "f", input: {} }] },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "1",
              content: "one",
              cache_control: { type: "ephemeral", ttl: "5m" }
            },
            { type: "tool_result", tool_use_id: "2", content: "" },
            { type: "text", text: "meanwhile" }
          ]
        }
      ]
    })
  })

  it("encodes images and documents", () => {
    expect(
      bodyOf({
        messages: [
          {
            role: "user",
            content: [
              { type: "image", data: "aGk=", mediaType: "image/png", cache: "5m" },
              { type: "image", url: "https://example.com/a.png" },
              { type: "file", data: "aGk=", mediaType: "application/pdf", filename: "a.pdf" },
              { type: "file", url: "https://example.com/a.pdf", mediaType: "application/pdf" },
              { type: "file", data: "aMO8", mediaType: "text/plain" }
            ]
          }
        ]
      })
    ).toMatchObject({
      messages: [
        {
          content: [
            {
              type: "image",
              source: { type: "base64", media_type: "image/png", data: "aGk=" },
              cache_control: { type: "ephemeral", ttl: "5m" }
            },
            { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: "aGk=" },
              title: "a.pdf"
            },
            { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
            { type: "document", source: { type: "text", media_type: "text/plain", data: "hü" } }
          ]
        }
      ]
    })
  })

  it.each<readonly [string, Partial<ChatRequest> & { readonly model?: string }]>([
    ["anthropic does not support seed", { seed: 1 }],
    ["temperature must be a number from 0 to 1", { temperature: 1.5 }],
    ["responseFormat needs a schema", { responseFormat: { type: "json" } }],
    ["reasoning.budgetTokens must be at least 1024", { reasoning: { budgetTokens: 100 } }],
    ["maxTokens must be above the 2000 tokens", { reasoning: { budgetTokens: 2000 }, maxTokens: 2000 }],
    ["maxTokens must be above the 1024 tokens", { reasoning: { effort: "low" }, maxTokens: 100 }],
    ['contradicts reasoning.effort "none"', { reasoning: { effort: "none", budgetTokens: 2000 } }],
    ["temperature cannot be set", { reasoning: { effort: "low" }, temperature: 0.5 }],
    ["topP cannot be below 0.95", { reasoning: { effort: "low" }, topP: 0.5 }],
    ["toolChoice cannot force a call", { reasoning: { effort: "low" }, toolChoice: "required" }],
    [
      "messages[0].content[1].arguments must be the text of a JSON object",
      {
        messages: [
          {
            role: "assistant",
            content: [
              { type: "tool-call", id: "1", name: "f", arguments: " " },
              { type: "tool-call", id: "2", name: "f", arguments: "[]" }
            ]
          }
        ]
      }
    ],
    [
      "messages[0].content[0]: anthropic accepts images as",
      { messages: [{ role: "user", content: [{ type: "image", data: "aGk=", mediaType: "image/tiff" }] }] }
    ],
    [
      "messages[0].content[0]: anthropic accepts files as",
      { messages: [{ role: "user", content: [{ type: "file", data: "aGk=", mediaType: "audio/wav" }] }] }
    ],
    [
      "anthropic accepts at most 4 cache marks in a request, but there are 5",
      {
        messages: Array.from({ length: 5 }, () => ({
          role: "user",
          content: [{ type: "text", text: "x", cache: "5m" }]
        }))
      }
    ]
  ])("rejects with: %s", (sentence, request) => {
    expect(refusal(request)).toContain(sentence)
  })
})

describe("encoding reasoning", () => {
  it("sends newer models an effort, and older models a budget within max_tokens", () => {
    expect(thinking("claude-opus-4-6", { effort: "xhigh" })).toMatchObject({
      max_tokens: 32_000,
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "max" }
    })
    expect(thinking("claude-opus-5-5", { effort: "xhigh" })).toMatchObject({ output_config: { effort: "xhigh" } })
    expect(thinking("claude-mythos-preview", { effort: "minimal" })).toMatchObject({ output_config: { effort: "low" } })
    expect(thinking("claude-haiku-4-5-20251001", { effort: "high" })).toMatchObject({
      max_tokens: 24_576,
      thinking: { type: "enabled", budget_tokens: 16_384 }
    })
    expect(thinking("claude-opus-4-20250514", { effort: "high" }, 5000)).toMatchObject({
      max_tokens: 5000,
      thinking: { type: "enabled", budget_tokens: 4000 }
    })
    expect(thinking("claude-opus-4-5", { effort: "high" })).not.toHaveProperty("output_config")
  })

  it("sends a budget unchanged, with the effort if the model supports one", () => {
    expect(thinking("claude-opus-4-6", { budgetTokens: 2000, effort: "low" })).toMatchObject({
      max_tokens: 10_192,
      thinking: { type: "enabled", budget_tokens: 2000 },
      output_config: { effort: "low" }
    })
  })

  it("turns reasoning off in models that reason by default", () => {
    expect(thinking("claude-haiku-4-5", { effort: "none" })).not.toHaveProperty("thinking")
    expect(thinking("claude-opus-5", { effort: "none" })).toMatchObject({ thinking: { type: "disabled" } })
    expect(thinking("claude-sonnet-5-5", { effort: "none" })).toMatchObject({ thinking: { type: "between_tools" } })
  })

  it.each([
    ["claude-3-haiku-20240307", 4096],
    ["claude-3-5-sonnet-20241022", 8192],
    ["claude-opus-4-1-20250805", 8192],
    ["claude-sonnet-5", 32_000],
    ["claude-fable-latest", 32_000],
    ["glm-5", 8192]
  ])("limits the output of %s to %i tokens by default", (model, max_tokens) => {
    expect(bodyOf({ model })).toMatchObject({ max_tokens })
  })
})

describe("encoding an assistant message", () => {
  const written = (message: ChatRequest["messages"][number] | undefined): unknown =>
    bodyOf({ messages: message === undefined ? [user] : [user, message] })

  it("sends signed reasoning back in its position", () => {
    const { response } = readBytes(fixture("thinking-and-tools"), 64)
    expect(written(response?.message)).toMatchObject({
      messages: [
        { role: "user" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "Two cities.", signature: "c2ln" },
            { type: "redacted_thinking", data: "c2VjcmV0" },
            { type: "text", text: "I look." },
            { type: "tool_use", id: "toolu_1", name: "weather", input: { city: "Rome" } },
            { type: "tool_use", id: "toolu_2", name: "today", input: {} }
          ]
        }
      ]
    })
  })

  it("leaves out reasoning that is unsigned, of another provider, or followed by nothing", () => {
    const text = { type: "text", text: "Yes" } as const
    const reasoning = { type: "reasoning", text: "r" } as const
    const signedBy = (provider: string) => ({ ...reasoning, providerMetadata: { [provider]: { signature: "s" } } })
    const sent = { messages: [{}, { content: [text] }] }
    expect(written({ role: "assistant", content: [reasoning, text] })).toMatchObject(sent)
    expect(written({ role: "assistant", content: [signedBy("google"), text] })).toMatchObject(sent)
    expect(written({ role: "assistant", content: [text, signedBy("anthropic")] })).toMatchObject(sent)
  })

  const words = FastCheck.string({ minLength: 1, maxLength: 5 })
  const reasoned = FastCheck.oneof(
    FastCheck.record({ type: FastCheck.constant("thinking"), thinking: FastCheck.string(), signature: words }),
    FastCheck.record({ type: FastCheck.constant("redacted_thinking"), data: words })
  )
  const call = FastCheck.record({
    type: FastCheck.constant("tool_use"),
    id: FastCheck.uuid(),
    name: words,
    input: FastCheck.dictionary(words, FastCheck.integer())
  })
  const segment = FastCheck.tuple(
    FastCheck.array(reasoned, { minLength: 1, maxLength: 2 }),
    words.map((text) => ({ type: "text", text })),
    FastCheck.array(call, { maxLength: 2 })
  )

  it.prop(
    "encodes exactly the blocks that were decoded",
    [FastCheck.array(segment, { minLength: 1 })],
    ([segments]) => {
      const content: ReadonlyArray<unknown> = segments.flat(2)
      const { response } = readAnswer({ type: "message", content, stop_reason: "end_turn", usage: {} })
      expect(written(response?.message)).toMatchObject({
        messages: [{}, { content: JSON.parse(JSON.stringify(content)) }]
      })
    }
  )
})

describe("a compaction", () => {
  const block = { type: "compaction", content: "What was said: much.", encrypted_content: "sealed" }
  const iterations = [
    { type: "compaction", input_tokens: 60_000, output_tokens: 385 },
    { type: "message", input_tokens: 600, output_tokens: 12, cache_read_input_tokens: 3 }
  ]
  const usage = { input_tokens: 600, output_tokens: 12, cache_read_input_tokens: 3, iterations }
  const streamed = [
    start(0, { ...block, content: null }),
    delta(0, { type: "compaction_delta", content: "What was said: " }),
    delta(0, { type: "compaction_delta", content: "much." }),
    stop(0)
  ]
  const answers = () => [
    readEvents(...streamed, start(1, { type: "text", text: "" }), text("Hi"), { ...finish("end_turn"), usage }, end),
    readAnswer({ type: "message", content: [block, { type: "text", text: "Hi" }], stop_reason: "end_turn", usage })
  ]

  it("is a part that goes back, and all of its tokens are counted", () => {
    for (const { response, message, outcome } of answers()) {
      expect([outcome, response?.finishReason, response?.content]).toEqual(["complete", "stop", "Hi"])
      expect(partsOf<AssistantPart>(message.content)[0]).toEqual({
        type: "provider",
        provider: "anthropic",
        data: block
      })
      expect(response?.usage).toMatchObject({ inputTokens: 60_603, outputTokens: 397, cacheReadTokens: 3 })
      const sent = protocol.encode(
        questionOf({ model: "m", maxTokens: 9, messages: [{ role: "user", content: "Hello" }, message] }),
        true
      )
      expect(Either.getOrThrow(sent).body["messages"]).toMatchObject([{}, { content: [block, { text: "Hi" }] }])
    }
  })

  it("that pauses the response is not a stop", () => {
    const { response } = readEvents(...streamed, { ...finish("compaction"), usage }, end)
    expect(response?.finishReason).toBe("other")
  })
})

describe("a tool that the server runs", () => {
  const call = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "weather" } }
  const found = {
    type: "web_search_tool_result",
    tool_use_id: "srvtoolu_1",
    content: [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content: "sealed" }]
  }
  const streamed = [
    start(0, { ...call, input: {} }),
    delta(0, { type: "input_json_delta", partial_json: '{"query":' }),
    delta(0, { type: "input_json_delta", partial_json: '"weather"}' }),
    stop(0),
    start(1, found)
  ]
  const answered = (content: ReadonlyArray<unknown>) =>
    readAnswer({ type: "message", content, stop_reason: "end_turn", usage: {} })

  it("gives parts that go back, also if the server ends no block", () => {
    const answers = [
      readEvents(...streamed, stop(1), start(2, { type: "text", text: "Sun" }), finish("end_turn"), end),
      readEvents(...streamed, start(2, { type: "text", text: "Sun" }), stop(2), finish("end_turn"), end),
      answered([call, found, { type: "text", text: "Sun" }])
    ]
    for (const { response, message } of answers) {
      expect([response?.finishReason, response?.content, response?.toolCalls]).toEqual(["stop", "Sun", []])
      const opaque = partsOf<AssistantPart>(message.content).filter(({ type }) => type === "provider")
      expect(opaque).toEqual([call, found].map((data) => ({ type: "provider", provider: "anthropic", data })))
      const sent = protocol.encode(
        questionOf({ model: "m", maxTokens: 9, messages: [{ role: "user", content: "Hello" }, message] }),
        true
      )
      expect(JSON.stringify(Either.getOrThrow(sent).body["messages"])).toContain(JSON.stringify([call]).slice(1, -1))
    }
  })

  it("alone is never a stop", () => {
    const answers = [readEvents(...streamed, stop(1), finish("end_turn"), end), answered([call, found])]
    for (const { response } of answers) expect([response?.content, response?.finishReason]).toEqual(["", "other"])
    expect(readEvents(...streamed, finish("pause_turn"), end).response?.finishReason).toBe("other")
  })
})
