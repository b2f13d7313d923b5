/** Message parts of every protocol: decoded alike from streaming and non-streaming responses, and encoded in place. */
import { Either } from "effect"
import { describe, expect, it } from "vitest"
import type { ChatRequest } from "../../src/domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../../src/domain/ChatResponse.js"
import { type AssistantPart, partsOf } from "../../src/domain/ContentPart.js"
import type { AssistantMessage } from "../../src/domain/Message.js"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import type { Protocol } from "../../src/protocol/Protocol.js"
import { decoders } from "../../src/provider/engine/ResponseDecoder.js"
import { questionOf } from "../support/preparedRequest.js"
import { bounds, read } from "../support/read.js"

const provider = "test"
const chat = OpenAIChat.make({ provider, maxTokensField: "max_completion_tokens" })
const responses = OpenAIResponses.make({ provider })
const anthropic = AnthropicMessages.make({ provider })
const gemini = GoogleGemini.make({ provider })

const streaming = <Event, State>(protocol: Protocol<Event, State>, events: ReadonlyArray<object>) =>
  read(protocol, [events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")]).response

const nonStreaming = <Event, State>(protocol: Protocol<Event, State>, body: unknown): ChatResponse | undefined => {
  const context = { provider, model: "model", status: 200, headers: {}, secrets: [], sentTexts: () => [] }
  const fold = new ChatFold()
  for (const chunk of decoders(protocol, bounds)(context).readResponse(body)) fold.add(chunk)
  return fold.response()
}

type Encodes = Pick<Protocol<never, never>, "encode">

const encode = (protocol: Encodes, request: Partial<ChatRequest>, model = "gemini-3-flash-preview") =>
  protocol.encode(questionOf({ messages: [{ role: "user", content: "Hi" }], ...request, model }), false)

const bodyOf = (protocol: Encodes, request: Partial<ChatRequest>, model?: string) =>
  JSON.parse(JSON.stringify(Either.getOrThrowWith(encode(protocol, request, model), (text) => new Error(text)).body))

const problem = (protocol: Encodes, request: Partial<ChatRequest>, model?: string) =>
  Either.getOrThrow(Either.flip(encode(protocol, request, model)))

describe("OpenAI chat completions", () => {
  it("folds a stream and the same non-streaming response to equal parts", () => {
    const delta = (fields: object) => ({ choices: [{ delta: fields }] })
    const call = (index: number, id: string, name: string) => ({ index, id, function: { name, arguments: "" } })
    const piece = (index: number, text: string) => ({ tool_calls: [{ index, function: { arguments: text } }] })
    const details = [{ type: "reasoning.text", index: 0, text: "Two places.", signature: "s" }]
    const streamed = streaming(chat, [
      delta({ reasoning: "Two " }),
      delta({ reasoning: "places.", reasoning_details: details }),
      delta({ content: "I " }),
      delta({ content: "look." }),
      delta({ tool_calls: [call(0, "a", "weather")] }),
      delta({ tool_calls: [call(1, "b", "clock")] }),
      delta(piece(0, '{"city":')),
      delta(piece(1, "{}")),
      delta(piece(0, '"Ulm"}')),
      { choices: [{ delta: {}, finish_reason: "tool_calls" }] }
    ])
    const complete = nonStreaming(chat, {
      choices: [
        {
          message: {
            reasoning: "Two places.",
            reasoning_details: details,
            content: "I look.",
            tool_calls: [
              { id: "a", function: { name: "weather", arguments: '{"city":"Ulm"}' } },
              { id: "b", function: { name: "clock", arguments: "{}" } }
            ]
          },
          finish_reason: "tool_calls"
        }
      ]
    })
    expect(partsOf(complete?.message.content ?? "")).toHaveLength(4)
    expect(streamed?.message).toEqual(complete?.message)
    expect(streamed?.toolCalls).toEqual(complete?.toolCalls)
  })
})

/** Edits every text, and adds one before the first call. */
const edited = (message: AssistantMessage | undefined): AssistantMessage => {
  const parts = partsOf<AssistantPart>(message?.content ?? "")
  const at = parts.findIndex((part) => part.type === "tool-call")
  const changed = parts.map((part) => (part.type === "text" ? { ...part, text: "Edited" } : part))
  return {
    role: "assistant",
    content: [...changed.slice(0, at), { type: "text", text: "Added" }, ...changed.slice(at)]
  }
}

/** The conversation that continues an assistant message. */
const continued = (message: AssistantMessage): Partial<ChatRequest> => ({
  messages: [
    { role: "user", content: "Hi" },
    message,
    { role: "tool", toolCallId: "a", content: "1" },
    { role: "tool", toolCallId: "b", content: "2" }
  ]
})

describe("Anthropic", () => {
  const start = (index: number, content_block: object) => ({ type: "content_block_start", index, content_block })
  const delta = (index: number, fields: object) => ({ type: "content_block_delta", index, delta: fields })
  const json = (index: number, partial_json: string) => delta(index, { type: "input_json_delta", partial_json })
  const streamed = streaming(anthropic, [
    start(0, { type: "thinking", thinking: "", signature: "" }),
    delta(0, { type: "thinking_delta", thinking: "Two places." }),
    delta(0, { type: "signature_delta", signature: "first" }),
    start(1, { type: "redacted_thinking", data: "sealed" }),
    start(2, { type: "text", text: "" }),
    delta(2, { type: "text_delta", text: "I look." }),
    start(3, { type: "thinking", thinking: "", signature: "" }),
    delta(3, { type: "thinking_delta", thinking: "Both." }),
    delta(3, { type: "signature_delta", signature: "second" }),
    start(4, { type: "tool_use", id: "a", name: "weather", input: {} }),
    start(5, { type: "tool_use", id: "b", name: "clock", input: {} }),
    json(4, '{"city":'),
    json(5, '{"zone":'),
    json(4, '"Ulm"}'),
    json(5, '"UTC"}'),
    { type: "message_delta", delta: { stop_reason: "tool_use" } },
    { type: "message_stop" }
  ])

  it("folds a stream and the same non-streaming response to equal parts", () => {
    const complete = nonStreaming(anthropic, {
      type: "message",
      content: [
        { type: "thinking", thinking: "Two places.", signature: "first" },
        { type: "redacted_thinking", data: "sealed" },
        { type: "text", text: "I look." },
        { type: "thinking", thinking: "Both.", signature: "second" },
        { type: "tool_use", id: "a", name: "weather", input: { city: "Ulm" } },
        { type: "tool_use", id: "b", name: "clock", input: { zone: "UTC" } }
      ],
      stop_reason: "tool_use"
    })
    expect(streamed?.message).toEqual(complete?.message)
  })

  it("keeps each signature in its own part after the texts are edited", () => {
    expect(bodyOf(anthropic, continued(edited(streamed?.message)), "claude-sonnet-4-5").messages[1].content).toEqual([
      { type: "thinking", thinking: "Two places.", signature: "first" },
      { type: "redacted_thinking", data: "sealed" },
      { type: "text", text: "Edited" },
      { type: "thinking", thinking: "Both.", signature: "second" },
      { type: "text", text: "Added" },
      { type: "tool_use", id: "a", name: "weather", input: { city: "Ulm" } },
      { type: "tool_use", id: "b", name: "clock", input: { zone: "UTC" } }
    ])
  })
})

describe("Gemini", () => {
  const event = (parts: ReadonlyArray<object>, finish = {}) => ({ candidates: [{ content: { parts }, ...finish }] })
  const code = { executableCode: { language: "PYTHON", code: "1+1" }, thoughtSignature: "sealed" }
  const weather = { functionCall: { id: "a", name: "weather", args: { city: "Ulm" } }, thoughtSignature: "second" }
  const clock = { functionCall: { id: "b", name: "clock", args: { zone: "UTC" } } }
  const streamed = streaming(gemini, [
    event([{ text: "Two places.", thought: true, thoughtSignature: "first" }]),
    event([code, { text: "I " }]),
    event([{ text: "look." }]),
    event([weather, clock], { finishReason: "STOP" })
  ])

  it("folds a stream and the same non-streaming response to equal parts", () => {
    const thought = { text: "Two places.", thought: true, thoughtSignature: "first" }
    const complete = nonStreaming(
      gemini,
      event([thought, code, { text: "I look." }, weather, clock], { finishReason: "STOP" })
    )
    expect(partsOf(complete?.message.content ?? "")).toHaveLength(5)
    expect(streamed?.message).toEqual(complete?.message)
  })

  it("keeps each signature in its own part after the texts are edited", () => {
    expect(bodyOf(gemini, continued(edited(streamed?.message))).contents[1].parts).toEqual([
      { text: "Two places.", thought: true, thoughtSignature: "first" },
      code,
      { text: "Edited" },
      { text: "Added" },
      weather,
      clock
    ])
  })
})

describe("OpenAI Responses", () => {
  const done = (item: object, output_index: number) => ({ type: "response.output_item.done", output_index, item })
  const added = (item: object, output_index: number) => ({ type: "response.output_item.added", output_index, item })
  const piece = (item_id: string, output_index: number, delta: string) => ({
    type: "response.function_call_arguments.delta",
    item_id,
    output_index,
    delta
  })
  const thought = { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Two places." }] }
  const first = { ...thought, encrypted_content: "first" }
  const redacted = { type: "reasoning", id: "rs_2", summary: [], encrypted_content: "sealed" }
  const text = { type: "message", id: "msg_1", content: [{ type: "output_text", text: "I look." }] }
  const weather = { type: "function_call", id: "fc_1", call_id: "a", name: "weather", arguments: '{"city":"Ulm"}' }
  const clock = { type: "function_call", id: "fc_2", call_id: "b", name: "clock", arguments: '{"zone":"UTC"}' }
  const output = [first, redacted, text, weather, clock]
  const streamed = streaming(responses, [
    { type: "response.reasoning_summary_text.delta", item_id: "rs_1", output_index: 0, delta: "Two places." },
    done(first, 0),
    done(redacted, 1),
    { type: "response.output_text.delta", item_id: "msg_1", output_index: 2, delta: "I " },
    { type: "response.output_text.delta", item_id: "msg_1", output_index: 2, delta: "look." },
    done(text, 2),
    added({ ...weather, arguments: "" }, 3),
    added({ ...clock, arguments: "" }, 4),
    piece("fc_1", 3, '{"city":'),
    piece("fc_2", 4, '{"zone":'),
    piece("fc_1", 3, '"Ulm"}'),
    piece("fc_2", 4, '"UTC"}'),
    done(weather, 3),
    done(clock, 4),
    { type: "response.completed", response: { status: "completed", output } }
  ])

  it("folds a stream and the same non-streaming response to equal parts", () => {
    const complete = nonStreaming(responses, { object: "response", status: "completed", output })
    expect(partsOf(complete?.message.content ?? "")).toHaveLength(5)
    expect(streamed?.message).toEqual(complete?.message)
  })

  it("keeps each signature in its own part after the texts are edited", () => {
    const { id: _, ...weatherSent } = weather
    const { id: __, ...clockSent } = clock
    expect(bodyOf(responses, continued(edited(streamed?.message))).input.slice(1, -2)).toEqual([
      { type: "reasoning", summary: first.summary, encrypted_content: "first" },
      { type: "reasoning", summary: [], encrypted_content: "sealed" },
      { role: "assistant", content: [{ type: "output_text", text: "Edited" }] },
      { role: "assistant", content: [{ type: "output_text", text: "Added" }] },
      weatherSent,
      clockSent
    ])
  })
})

describe("parallelToolCalls", () => {
  const tools = [{ name: "f", parameters: { type: "object", properties: {} } }]

  it("is left out of requests that do not set it", () => {
    for (const protocol of [chat, responses])
      expect(bodyOf(protocol, { tools })).not.toHaveProperty("parallel_tool_calls")
    expect(bodyOf(anthropic, { tools })).not.toHaveProperty("tool_choice")
  })

  it.each([true, false])("is a field of OpenAI's requests: %s", (parallelToolCalls) => {
    for (const protocol of [chat, responses]) {
      expect(bodyOf(protocol, { tools, parallelToolCalls })).toMatchObject({ parallel_tool_calls: parallelToolCalls })
    }
  })

  it("is a field of Anthropic's tool choice, except where no tool may be called", () => {
    const choice = (request: Partial<ChatRequest>) => bodyOf(anthropic, { tools, ...request }).tool_choice
    expect(choice({ parallelToolCalls: false })).toEqual({ type: "auto", disable_parallel_tool_use: true })
    expect(choice({ parallelToolCalls: true })).toEqual({ type: "auto", disable_parallel_tool_use: false })
    expect(choice({ parallelToolCalls: false, toolChoice: { name: "f" } })).toEqual({
      type: "tool",
      name: "f",
      disable_parallel_tool_use: true
    })
    expect(choice({ parallelToolCalls: false, toolChoice: "none" })).toEqual({ type: "none" })
  })

  it("cannot be false with Gemini, whose calls are always parallel", () => {
    expect(bodyOf(gemini, { tools, parallelToolCalls: true })).not.toHaveProperty("parallelToolCalls")
    expect(problem(gemini, { tools, parallelToolCalls: false })).toBe(
      "Gemini does not support parallelToolCalls: false; leave it out"
    )
  })
})

describe("a tool result with an image and a file", () => {
  const image = { type: "image", data: "AAAA", mediaType: "image/png" } as const
  const file = { type: "file", data: "BBBB", mediaType: "application/pdf", filename: "a.pdf" } as const
  const linked = { type: "image", url: "https://example.com/a.png" } as const
  const request = (...content: ReadonlyArray<typeof image | typeof file | typeof linked>): Partial<ChatRequest> => ({
    messages: [
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "tool-call", id: "a", name: "f", arguments: "{}" }] },
      { role: "tool", toolCallId: "a", content: [{ type: "text", text: "Here" }, ...content] }
    ]
  })

  it("is a list of content blocks for Anthropic", () => {
    expect(bodyOf(anthropic, request(image, file, linked)).messages[2].content).toEqual([
      {
        type: "tool_result",
        tool_use_id: "a",
        content: [
          { type: "text", text: "Here" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
          { type: "document", source: { type: "base64", media_type: "application/pdf", data: "BBBB" }, title: "a.pdf" },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" } }
        ]
      }
    ])
  })

  it("is a list of input content for Responses", () => {
    expect(bodyOf(responses, request(image, file, linked)).input[2]).toEqual({
      type: "function_call_output",
      call_id: "a",
      output: [
        { type: "input_text", text: "Here" },
        { type: "input_image", image_url: "data:image/png;base64,AAAA" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" },
        { type: "input_image", image_url: "https://example.com/a.png" }
      ]
    })
  })

  it("is a function response with inline parts for Gemini 3, and rejected by earlier models and with a URL", () => {
    expect(bodyOf(gemini, request(image, file)).contents[2].parts).toEqual([
      {
        functionResponse: {
          id: "a",
          name: "f",
          response: { result: "Here" },
          parts: [
            { inlineData: { mimeType: "image/png", data: "AAAA" } },
            { inlineData: { mimeType: "application/pdf", data: "BBBB" } }
          ]
        }
      }
    ])
    expect(problem(gemini, request(image), "gemini-2.5-flash")).toBe(
      "messages[2].content[1]: Gemini accepts image parts in a tool result only since 3; send text"
    )
    expect(problem(gemini, request(linked))).toBe(
      "messages[2].content[1]: Gemini does not accept a URL in a tool result; send data and mediaType"
    )
  })

  it("is rejected by chat completions, whose tool messages hold only text", () => {
    expect(problem(chat, request(file))).toBe(
      "messages[2].content[1]: test does not accept file parts in a tool result; send text, or move it into a user message"
    )
  })
})
