/**
 * Events that only continue the open text have a short way past their schema and step. It must never be noticed: streams
 * are read with and without it, and must give the same chunks, ids and end.
 */
import { isDeepStrictEqual } from "node:util"
import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import type { Protocol } from "../../src/protocol/Protocol.js"
import { decoders } from "../../src/provider/engine/ResponseDecoder.js"
import { fixtures } from "../support/protocols.js"
import { bounds, exchange } from "../support/read.js"

const encoder = new TextEncoder()

/** All that can be seen of a stream, read to its end. */
const readerOf = <Event, State>(protocol: Protocol<Event, State>) => {
  const newDecoder = decoders(protocol, bounds)
  return (bytes: Uint8Array) => {
    const decoder = newDecoder(exchange)
    const chunks = [...decoder.push(bytes), ...decoder.end()]
    const { outcome, hasContent, responseId, lastNumber } = decoder
    return { chunks, outcome, hasContent, responseId, lastNumber }
  }
}

/** Reads with the short way, without it, and counts how often it was taken. */
const comparing = <Event, State>(protocol: Protocol<Event, State>) => {
  const { continueText, ...others } = protocol
  if (continueText === undefined) throw new Error("the protocol has no short way")
  let taken = 0
  const counting: Protocol<Event, State> = {
    ...others,
    continueText: (state, json) => {
      const step = continueText(state, json)
      if (step !== undefined) taken++
      return step
    }
  }
  const [short, long] = [readerOf(counting), readerOf(others)]
  return (bytes: Uint8Array) => {
    taken = 0
    return { short: short(bytes), long: long(bytes), taken }
  }
}

interface Wire {
  readonly compare: ReturnType<typeof comparing>
  readonly opening: ReadonlyArray<object>
  /** Events that continue the open text, or reasoning. */
  readonly deltas: ReadonlyArray<object>
  readonly closing: ReadonlyArray<object>
  /** Fields that its events may have. */
  readonly fields: ReadonlyArray<string>
}

const words = (text: string): ReadonlyArray<string> => text.split(/\s+/).filter((word) => word !== "")

const chat = (delta: object, finish_reason: string | null = null) => ({
  id: "c1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m1",
  choices: [{ index: 0, delta, logprobs: null, finish_reason }]
})

const message = { type: "message", id: "i1", status: "in_progress", content: [] }
const response = (status: string) => ({ id: "r1", model: "m1", status, output: [] })
const text = (delta: string, sequence_number: number) => ({
  type: "response.output_text.delta",
  sequence_number,
  item_id: "i1",
  output_index: 0,
  content_index: 0,
  delta
})

const block = (index: number, delta: object) => ({ type: "content_block_delta", index, delta })

const gemini = (part: object, candidatesTokenCount: number, finish: object = {}) => ({
  candidates: [{ content: { role: "model", parts: [part] }, index: 0, ...finish }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount },
  modelVersion: "m1",
  responseId: "g1"
})

const wires: { readonly [protocol: string]: Wire } = {
  "openai-chat": {
    compare: comparing(OpenAIChat.make({ provider: "test", maxTokensField: "max_tokens" })),
    opening: [chat({ role: "assistant", content: "" }), chat({ reasoning_content: "So" }), chat({ content: "Hi" })],
    deltas: [
      chat({ content: " you" }),
      chat({ role: "assistant", content: " there", reasoning_content: null }),
      chat({ content: null, reasoning_content: " hm" })
    ],
    closing: [chat({}, "stop")],
    fields: words(`id object model choices usage x_groq base_resp citations search_results message error index delta
      finish_reason content refusal reasoning_content reasoning reasoning_details annotations tool_calls role`)
  },
  "openai-responses": {
    compare: comparing(OpenAIResponses.make({ provider: "test" })),
    opening: [
      { type: "response.created", sequence_number: 0, response: response("in_progress") },
      { type: "response.output_item.added", sequence_number: 1, output_index: 0, item: message },
      text("Hi", 2)
    ],
    deltas: [
      text(" you", 3),
      text(" there", 4),
      { type: "response.output_text.done", sequence_number: 5, item_id: "i1", content_index: 0, text: "Hi you" }
    ],
    closing: [
      { type: "response.output_text.done", sequence_number: 8, item_id: "i1", content_index: 1, text: " there" },
      { type: "response.completed", sequence_number: 9, response: response("completed") }
    ],
    fields: words("type object error sequence_number item_id output_index content_index summary_index delta response")
  },
  "anthropic-messages": {
    compare: comparing(AnthropicMessages.make({ provider: "test" })),
    opening: [
      { type: "message_start", message: { id: "a1", model: "m1", usage: { input_tokens: 3, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
      { type: "content_block_start", index: 1, content_block: { type: "text", text: "" } },
      block(1, { type: "text_delta", text: "Hi" })
    ],
    deltas: [
      block(1, { type: "text_delta", text: " you" }),
      block(1, { type: "text_delta", text: " there" }),
      block(0, { type: "thinking_delta", thinking: " hm" })
    ],
    closing: [
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
      { type: "message_stop" }
    ],
    fields: words(`type index message content_block delta usage id model stop_reason error text thinking signature
      partial_json content citation`)
  },
  "google-gemini": {
    compare: comparing(GoogleGemini.make({ provider: "test" })),
    opening: [gemini({ text: "So", thought: true }, 1), gemini({ text: "Hi" }, 2)],
    deltas: [gemini({ text: " you" }, 3), gemini({ text: " there" }, 3), gemini({ text: " hm", thought: true }, 4)],
    closing: [gemini({ text: "" }, 5, { finishReason: "STOP" })],
    fields: words(`candidates promptFeedback usageMetadata modelVersion responseId error index content finishReason
      groundingMetadata parts text thought thoughtSignature functionCall promptTokenCount thoughtsTokenCount`)
  }
}

const grounding = {
  groundingChunks: [{ web: { uri: "https://example.com", title: "x" } }],
  groundingSupports: [{ segment: { endIndex: 2 }, groundingChunkIndices: [0] }]
}

const values: ReadonlyArray<unknown> = [
  ...[undefined, null, "", " you", "error", "c2", 0, 1, true],
  ...[{}, { text: "x" }, { input_tokens: "x" }, grounding, { code: "x", message: "y" }, [], [{}], ["x"]]
]

/** Every object of a JSON value. */
const objectsIn = (value: unknown): ReadonlyArray<object> =>
  typeof value !== "object" || value === null
    ? []
    : [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(objectsIn)]

/** Sets a field of one of the objects in an event. */
const changed = (event: object, at: number, field: string, value: unknown): object => {
  const copy: object = structuredClone(event)
  Reflect.set(objectsIn(copy)[at] ?? copy, field, structuredClone(value))
  return copy
}

const sse = (events: ReadonlyArray<object>): Uint8Array =>
  encoder.encode(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""))

describe.each(Object.entries(wires))("the short way of %s", (name, { compare, opening, deltas, closing, fields }) => {
  it("is taken by deltas, and gives what the long way gives", () => {
    const [first = {}, second = {}] = deltas
    const { short, long, taken } = compare(sse([...opening, first, second, first, ...closing]))
    expect(short).toEqual(long)
    expect(short.outcome).toBe("complete")
    expect(taken).toBeGreaterThanOrEqual(3)
  })

  it("gives what the long way gives, whatever one field of a delta holds", () => {
    // One of text and one of reasoning, where the protocol has it.
    for (const delta of deltas.slice(1)) {
      for (const at of objectsIn(delta).keys()) {
        for (const field of fields) {
          for (const value of values) {
            const events = [...opening, changed(delta, at, field, value), delta, ...closing]
            const { short, long } = compare(sse(events))
            // Faster than `toEqual`, which then shows the difference.
            if (!isDeepStrictEqual(short, long)) expect({ events, ...short }).toStrictEqual({ events, ...long })
          }
        }
      }
    }
  })

  it("gives what the long way gives for deltas that are changed at random", () => {
    const anyChange = FastCheck.record({
      at: FastCheck.nat(3),
      field: FastCheck.constantFrom(...fields),
      value: FastCheck.constantFrom(...values)
    })
    const anyDelta = FastCheck.tuple(FastCheck.constantFrom(...deltas), FastCheck.array(anyChange, { maxLength: 2 }))
    FastCheck.assert(
      FastCheck.property(FastCheck.array(anyDelta, { minLength: 1, maxLength: 6 }), (list) => {
        const events = list.map(([delta, changes]) =>
          changes.reduce((event, { at, field, value }) => changed(event, at, field, value), delta)
        )
        const { short, long } = compare(sse([...opening, ...events, ...closing]))
        if (!isDeepStrictEqual(short, long)) expect(short).toStrictEqual(long)
      }),
      { numRuns: 300 }
    )
  })

  it.each(fixtures.filter(({ protocol }) => protocol === name))(
    "gives what the long way gives for $name",
    ({ bytes }) => {
      const { short, long } = compare(bytes)
      expect(short).toEqual(long)
    }
  )
})
