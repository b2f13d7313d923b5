/** A gateway that asks its upstream again after a failure writes two generations into one stream. */
import { describe, expect, it } from "vitest"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { type Reading, reading } from "../support/read.js"

const sse = (events: ReadonlyArray<object>): string =>
  events
    .map((event) => `event: ${"type" in event ? event.type : "message"}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("")

interface Wire {
  readonly read: (reads: ReadonlyArray<string>) => Reading
  readonly start: (id: string) => object
  readonly text: (id: string, text: string) => ReadonlyArray<object>
  readonly end: (id: string) => ReadonlyArray<object>
}

const chat = (id: string, delta: object, finish: string | null = null) => ({
  id,
  choices: [{ index: 0, delta, finish_reason: finish }]
})

const gemini = (responseId: string, text: string, finishReason?: string) => ({
  responseId,
  candidates: [{ content: { role: "model", parts: [{ text }] }, finishReason }]
})

const wires: { readonly [protocol: string]: Wire } = {
  "openai-chat": {
    read: reading(OpenAIChat.make({ provider: "openai", maxTokensField: "max_tokens" })),
    start: (id) => chat(id, { role: "assistant", content: "" }),
    text: (id, content) => [chat(id, { content })],
    end: (id) => [chat(id, {}, "stop")]
  },
  "openai-responses": {
    read: reading(OpenAIResponses.make({ provider: "openai" })),
    start: (id) => ({ type: "response.created", response: { id, status: "in_progress" } }),
    text: (_, delta) => [
      { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta }
    ],
    end: (id) => [{ type: "response.completed", response: { id, status: "completed" } }]
  },
  "anthropic-messages": {
    read: reading(AnthropicMessages.make({ provider: "anthropic" })),
    start: (id) => ({ type: "message_start", message: { id, usage: { input_tokens: 1, output_tokens: 1 } } }),
    text: (_, text) => [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      { type: "content_block_stop", index: 0 }
    ],
    end: () => [
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
      { type: "message_stop" }
    ]
  },
  "google-gemini": {
    read: reading(GoogleGemini.make({ provider: "google" })),
    start: (id) => gemini(id, ""),
    text: (id, text) => [gemini(id, text)],
    end: (id) => [gemini(id, "", "STOP")]
  }
}

describe.each(Object.entries(wires))("a stream of the protocol %s", (_, { read, start, text, end }) => {
  it("is truncated where a second generation begins after output", () => {
    const spliced = [start("a"), ...text("a", "Hello wor"), start("b"), ...text("b", "Hello world!"), ...end("b")]
    const { error, partial } = read([sse(spliced)])
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    expect(partial.content).toBe("Hello wor")
  })

  it("reads on where the same generation repeats its start, and where one failed before any output", () => {
    const repeated = [start("a"), ...text("a", "Hello"), start("a"), ...end("a")]
    const early = [start("a"), start("b"), ...text("b", "Hello"), ...end("b")]
    for (const events of [repeated, early]) {
      expect(read([sse(events)]).response).toMatchObject({ content: "Hello", finishReason: "stop" })
    }
  })
})

describe("a stream of Gemini's protocol", () => {
  it("is whole where a server gives every event its own id", () => {
    const events = ["Hel", "lo ", "world"].map((text, index) => gemini(`event-${index}`, text))
    const reading = wires["google-gemini"]?.read([sse([...events, gemini("last", "", "STOP")])])
    expect(reading?.response).toMatchObject({ content: "Hello world", finishReason: "stop" })
  })
})
