import { readFileSync } from "node:fs"
import { Either, Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { ChatRequest } from "../../src/domain/ChatRequest.js"
import { ChatFold, type ChatResponse } from "../../src/domain/ChatResponse.js"
import type { AssistantMessage } from "../../src/domain/Message.js"
import { classify } from "../../src/http/errors/classification.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { decoders } from "../../src/provider/engine/ResponseDecoder.js"
import { questionOf } from "../support/preparedRequest.js"
import { aroundLineEnds, bounds, read } from "../support/read.js"

const protocol = OpenAIResponses.make({ provider: "test" })

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/openai-responses/${name}.sse`, import.meta.url), "utf8")

const fixtures = ["text", "tools", "reasoning", "web-search", "cut", "quota", "rotating-ids"]

const streamOf = (...events: ReadonlyArray<object>): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")

const stream = (...events: ReadonlyArray<object>) => read(protocol, [streamOf(...events)])

const completed = { type: "response.completed", response: { status: "completed", output: [] } }

const textDelta = {
  type: "response.output_text.delta",
  item_id: "msg_1",
  output_index: 0,
  content_index: 0,
  delta: "Hi"
}

const part = { type: "output_text", text: "Hi", annotations: [] }

const message = { type: "message", id: "msg_1", role: "assistant", status: "completed", content: [part] }

const call = { type: "function_call", id: "fc_1", call_id: "call_a", name: "clock", arguments: '{"zone":"UTC"}' }

const itemDone = (item: object, output_index = 0) => ({ type: "response.output_item.done", output_index, item })

/** Folds a non-streaming response. */
const foldResponse = (answer: unknown) => {
  const context = { provider: "test", model: "model", status: 200, headers: {}, secrets: [], sentTexts: () => [] }
  const reader = decoders(protocol, bounds)(context)
  const fold = new ChatFold()
  for (const chunk of reader.readResponse(answer)) fold.add(chunk)
  return { outcome: reader.outcome, response: fold.response() }
}

const bodyOf = (request: Partial<ChatRequest>, isStream = true): { readonly [field: string]: unknown } => {
  const full = { messages: [{ role: "user", content: "Hello" }] as const, ...request, model: "gpt-5-mini" }
  return Either.getOrThrow(protocol.encode(questionOf(full), isStream)).body
}

const sentBack = (response: ChatResponse | undefined): unknown =>
  bodyOf({ messages: [response?.message ?? { role: "user", content: "none" }] })["input"]

describe("a stream of Responses", () => {
  it.each(fixtures)("decodes the same wherever it is split, with LF and CRLF: %s", (name) => {
    const seen = (reads: ReadonlyArray<Uint8Array | string>) => {
      const { chunks, error } = read(protocol, reads)
      return JSON.stringify([chunks, error])
    }
    const once = seen([fixture(name)])
    const lf = new TextEncoder().encode(fixture(name))
    const crlf = new TextEncoder().encode(fixture(name).replaceAll("\n", "\r\n"))
    const everywhere = Array.from({ length: Math.floor(lf.length / 7) + 1 }, (_, index) => index * 7)
    for (const [bytes, places] of [
      [lf, everywhere],
      [crlf, aroundLineEnds(crlf)]
    ] as const) {
      expect(seen(Array.from(bytes, (_, at) => bytes.slice(at, at + 1)))).toBe(once)
      for (const at of places) expect(seen([bytes.slice(0, at), bytes.slice(at)])).toBe(once)
    }
  })

  it("returns text, inclusive usage and the reported model", () => {
    expect(read(protocol, [fixture("text")]).response).toMatchObject({
      content: "Grüße, you 👋 and \u2028 all.",
      reasoning: "",
      finishReason: "stop",
      model: "gpt-5-mini-2025-08-07",
      usage: { inputTokens: 9, outputTokens: 7, totalTokens: 16, cacheReadTokens: 4, reasoningTokens: 3 },
      message: { role: "assistant", content: "Grüße, you 👋 and \u2028 all." }
    })
  })

  it("returns one chunk per event, which is its raw chunk, and finishes with the last", () => {
    for (const name of fixtures.filter((each) => each !== "quota")) {
      const { chunks } = read(protocol, [fixture(name)])
      const events = fixture(name)
        .split("\n")
        .filter((line) => line.startsWith("data: "))
      expect(chunks.map((chunk) => chunk.rawChunk)).toEqual(events.map((event) => JSON.parse(event.slice(6))))
      expect(chunks.findIndex((chunk) => chunk.finishReason !== null)).toBe(chunks.length - 1)
    }
  })

  it("returns tool calls as they stream, with names and indexed from 0", () => {
    const { chunks, response } = read(protocol, [fixture("tools")])
    expect(chunks.flatMap((chunk) => chunk.toolCalls)).toEqual([
      { index: 0, id: "call_a", name: "weather", arguments: "" },
      { index: 0, arguments: '{"city":' },
      { index: 0, arguments: '"Ulm"}' },
      { index: 1, id: "call_b", name: "clock", arguments: "" },
      { index: 1, arguments: "{}" }
    ])
    expect(response?.finishReason).toBe("tool_calls")
  })

  it("returns reasoning summaries, and the reasoning itself of open models", () => {
    expect(read(protocol, [fixture("reasoning")]).response?.reasoning).toBe("I think. Hm.So.")
    const delta = { type: "response.reasoning_text.delta", item_id: "rs_1", output_index: 0, delta: "Open." }
    expect(stream(delta, completed).response?.reasoning).toBe("Open.")
  })

  it("leaves server-side tools out of content and tool calls", () => {
    expect(read(protocol, [fixture("web-search")]).response).toMatchObject({
      content: "Sunny.",
      toolCalls: [],
      finishReason: "stop"
    })
  })

  const opaque = [
    { type: "custom_tool_call", id: "ctc_1", call_id: "call_a", name: "write", input: "<p>" },
    { type: "shell_call", id: "sh_1", call_id: "call_a", action: { commands: ["ls"] } },
    { type: "local_shell_call", id: "lsh_1", call_id: "call_a", action: { command: ["ls"] } },
    { type: "apply_patch_call", id: "apc_1", call_id: "call_a", operation: { type: "delete_file", path: "a" } },
    { type: "tool_search_call", id: "ts_1", call_id: "call_a", execution: "client", arguments: {} }
  ]

  it.each(opaque)(
    "keeps calls that it does not decode as parts that go back, and says that they wait: $type",
    (item) => {
      const answers = [
        stream(itemDone(item), completed).response,
        stream({ type: "response.completed", response: { status: "completed", output: [item] } }).response,
        foldResponse({ status: "completed", output: [item] }).response
      ]
      for (const response of answers) {
        expect(response).toMatchObject({ content: "", toolCalls: [], finishReason: "tool_calls" })
        expect(response?.message.content).toEqual([{ type: "provider", provider: "test", data: item }])
        expect(sentBack(response)).toEqual([item])
      }
      const unstored = { type: "response.created", response: { store: false } }
      const { id: _, ...withoutId } = item
      expect(sentBack(stream(unstored, itemDone(item), completed).response)).toEqual([withoutId])
    }
  )

  it("ends with stop where the server asks for an approval, and keeps what it asks once", () => {
    const item = { type: "mcp_approval_request", id: "mcpr_1", name: "pay", server_label: "bank", arguments: "{}" }
    const { response } = stream(itemDone(item), {
      type: "response.completed",
      response: { status: "completed", output: [item] }
    })
    expect(response).toMatchObject({ content: "", finishReason: "stop" })
    expect(sentBack(response)).toEqual([item])
  })

  it("does not wait for what the server has run, and never says stop where there is nothing but an opaque item", () => {
    const search = { type: "tool_search_call", id: "ts_1", execution: "server", arguments: {} }
    const found = { type: "tool_search_output", id: "to_1", execution: "server", tools: [] }
    expect(stream(itemDone(search), itemDone(found, 1), textDelta, completed).response?.finishReason).toBe("stop")
    const shell = { type: "shell_call", id: "sh_1", call_id: "a" }
    const output = { type: "shell_call_output", id: "so_1", call_id: "a" }
    expect(stream(itemDone(shell), itemDone(output, 1), textDelta, completed).response?.finishReason).toBe("stop")
    const compaction = { type: "compaction", id: "cmp_1", encrypted_content: "sealed" }
    const { response } = stream(itemDone(compaction), completed)
    expect([response?.finishReason, sentBack(response)]).toEqual(["other", [compaction]])
  })
})

describe("a response finishes", () => {
  const ending = (type: string, response: object) => stream(textDelta, { type, response }).response?.finishReason

  it("with the reason that it reports", () => {
    expect(read(protocol, [fixture("cut")]).response?.finishReason).toBe("length")
    const cut = (reason: string | null) =>
      ending("response.incomplete", { status: "incomplete", incomplete_details: { reason } })
    expect([cut("max_output_tokens"), cut("content_filter"), cut("something_new"), cut(null)]).toEqual([
      "length",
      "content_filter",
      "other",
      "other"
    ])
    expect(ending("response.cancelled", { status: "cancelled" })).toBe("other")
    expect(ending("response.completed", { status: "incomplete", incomplete_details: null })).toBe("other")
    expect(ending("response.completed", { status: "in_progress" })).toBe("stop")
    expect(ending("response.completed", {})).toBe("stop")
  })

  it.each([
    { type: "response.refusal.delta", delta: "I cannot" },
    { type: "response.refusal.done", refusal: "I cannot" },
    { type: "response.content_part.done", part: { type: "refusal", refusal: "I cannot" } },
    itemDone({ ...message, content: [{ type: "refusal", refusal: "I cannot" }] })
  ])("with content_filter when the model refuses, with the refusal as content and as a part: $type", (event) => {
    expect(stream(event, completed).response).toMatchObject({
      content: "I cannot",
      message: { content: [{ type: "refusal", text: "I cannot" }] },
      finishReason: "content_filter"
    })
  })

  it("only with its last event, and is truncated without one", () => {
    const { error, partial } = stream(textDelta, itemDone(message))
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    expect(partial.content).toBe("Hi")
  })

  it("with stop if the only delta of a call was empty", () => {
    const empty = { type: "response.function_call_arguments.delta", item_id: "fc_1", delta: "" }
    expect(stream(empty, completed).response).toMatchObject({ toolCalls: [], finishReason: "stop" })
  })

  it("with null usage if none is reported", () => {
    const { response } = stream(textDelta, {
      type: "response.completed",
      response: { status: "completed", usage: null }
    })
    expect(response?.usage).toBeNull()
  })
})

describe("a repeated complete text is output once, and never lost:", () => {
  const texts = [
    textDelta,
    { type: "response.output_text.done", item_id: "msg_1", output_index: 0, content_index: 0, text: "Hi" },
    { type: "response.content_part.done", item_id: "msg_1", output_index: 0, content_index: 0, part },
    itemDone(message),
    { type: "response.completed", response: { status: "completed", output: [message] } }
  ]

  it.each(texts.map((_, first) => first))("a text of which the first %i events are missing", (first) => {
    expect(stream(...texts.slice(first), completed).response?.content).toBe("Hi")
  })

  const calls = [
    { type: "response.function_call_arguments.delta", item_id: "fc_1", output_index: 0, delta: '{"zone":"UTC"}' },
    { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 0, arguments: '{"zone":"UTC"}' },
    itemDone(call),
    { type: "response.completed", response: { status: "completed", output: [call] } }
  ]
  const added = { type: "response.output_item.added", output_index: 0, item: { ...call, arguments: "" } }

  it.each(calls.map((_, first) => first))("a call of which the first %i events are missing", (first) => {
    for (const events of [calls.slice(first), [added, ...calls.slice(first)]]) {
      expect(stream(...events, completed).response).toMatchObject({
        toolCalls: [{ id: "call_a", name: "clock", arguments: '{"zone":"UTC"}' }],
        finishReason: "tool_calls"
      })
    }
  })

  it("a call whose arguments arrive before it is added", () => {
    const [delta, ...others] = calls
    expect(stream(delta ?? added, added, ...others).response?.toolCalls).toEqual([
      { id: "call_a", name: "clock", arguments: '{"zone":"UTC"}' }
    ])
  })

  it("arguments that are an object", () => {
    const args = { zone: "UTC" }
    const done = { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 0, arguments: args }
    for (const events of [[added, done], [itemDone({ ...call, arguments: args })]]) {
      expect(stream(...events, completed).response?.toolCalls).toMatchObject([{ arguments: '{"zone":"UTC"}' }])
    }
  })

  it("reasoning that is only in its item", () => {
    const summary = [{ type: "summary_text", text: "Hm." }]
    const { response } = stream(itemDone({ type: "reasoning", id: "rs_1", summary, content: null }), completed)
    expect(response?.reasoning).toBe("Hm.")
  })

  it("several parts and items without deltas", () => {
    const done = (output_index: number, content_index: number, text: string) => ({
      type: "response.output_text.done",
      output_index,
      content_index,
      text
    })
    expect(stream(done(0, 0, "a"), done(0, 1, "b"), done(1, 0, "c"), completed).response?.content).toBe("abc")
    const items = [itemDone({ ...message, id: null }, 0), itemDone({ ...message, id: null }, 1)]
    expect(stream(...items, completed).response?.content).toBe("HiHi")
  })

  it("events whose ids always differ (GitHub Copilot)", () => {
    expect(read(protocol, [fixture("rotating-ids")]).response).toMatchObject({
      reasoning: "Hm.",
      content: "Three r.",
      toolCalls: [{ id: "call_a", name: "clock", arguments: "{}" }]
    })
  })

  it("two calls at one output index, or with one item id", () => {
    const second = { ...call, id: "fc_2", call_id: "call_b" }
    const input = (item_id: string) => ({ ...calls[0], item_id })
    const add = (item: object) => ({ ...added, item: { ...item, arguments: "" } })
    const ids = ["call_a", "call_b"]
    const mixed = stream(
      add(call),
      add(second),
      input("fc_1"),
      input("fc_2"),
      itemDone(call),
      itemDone(second),
      completed
    )
    expect(mixed.response?.toolCalls.map((each) => [each.id, each.arguments])).toEqual(
      ids.map((id) => [id, call.arguments])
    )
    const same = stream(itemDone(call), itemDone({ ...second, id: "fc_1" }), completed)
    expect(same.response?.toolCalls.map((each) => each.id)).toEqual(ids)
  })
})

describe("a known event with a wrong shape fails with its path:", () => {
  it.each([
    [{ type: 7 }, "type"],
    [{ ...textDelta, delta: 7 }, "delta"],
    [{ ...textDelta, delta: { text: "Hi" } }, "delta"],
    [{ type: "response.output_text.delta" }, "delta"],
    [{ type: "response.output_text.done", text: ["Hi"] }, "text"],
    [{ type: "response.function_call_arguments.delta", delta: null, item_id: "fc_1" }, undefined],
    [{ type: "response.function_call_arguments.delta", delta: {}, item_id: "fc_1" }, "delta"],
    [{ type: "response.content_part.done", part: { type: "output_text", text: 7 } }, "part.text"],
    [{ type: "response.output_item.added" }, "item"],
    [itemDone({ ...message, content: "Hi" }), "item.content"],
    [itemDone({ ...message, content: [{ ...part, text: 7 }] }), "item.content.0.text"],
    [itemDone({ ...call, name: null }), "item.name"],
    [itemDone({ ...call, arguments: 7 }), "item.arguments"],
    [{ type: "response.function_call_arguments.done", arguments: 7 }, "arguments"],
    [itemDone({ ...call, call_id: 7 }), "item.call_id"],
    [{ type: "response.completed" }, "response"],
    [{ type: "response.completed", response: { usage: { input_tokens: "9" } } }, "response.usage.input_tokens"],
    [{ type: "response.created", response: { model: 7 } }, "response.model"]
  ])("%j", (event, path) => {
    const { error } = stream(event, completed)
    if (path === undefined) expect(error).toBeUndefined()
    else
      expect(error).toMatchObject({ _tag: "ProviderError", message: expect.stringContaining(` ${path} of a response`) })
  })

  it("but unknown events, items, parts, fields, values and nulls are accepted as raw chunks", () => {
    const unknown = [
      { type: "response.audio.delta", delta: "UklGRg==" },
      { type: "response.progress.delta", delta: 0.5, item_id: 3, output_index: "first", text: { a: 1 } },
      { type: "response.reasoning.delta", delta: { text: "Hm." } },
      { type: "response.moderated", item: "none", response: "none", part: 1, output: {} },
      { type: "constructor", arguments: {} },
      { type: "response.output_item.added", item: { type: "tool_search_call", arguments: {}, content: 7, name: 1 } },
      itemDone({ type: "hologram", summary: "none", id: 7 }),
      { type: "response.content_part.done", part: { type: "hologram", text: 7 } },
      { type: "response.output_item.added", item: { ...message, content: null, status: "dreaming", mood: 7 } },
      { type: "response.created", response: { model: null, usage: null, output: null, tools: 7 } },
      { type: "response.in_progress" },
      {}
    ]
    expect(unknown.every(Schema.is(protocol.event))).toBe(true)
    const { chunks, error, response } = stream(...unknown, completed)
    expect(error).toBeUndefined()
    expect(response).toMatchObject({ content: "", reasoning: "", toolCalls: [], finishReason: "other" })
    expect(chunks.map((chunk) => chunk.rawChunk)).toEqual([...unknown, completed])
  })
})

describe("a failure inside a stream is one failure:", () => {
  const error = { type: "server_error", code: null, message: "Sorry, something went wrong." }

  it("an exhausted quota that is reported twice", () => {
    const { error: failure, chunks } = read(protocol, [fixture("quota")])
    expect(failure?._tag).toBe("InsufficientCreditsError")
    expect(chunks.every((chunk) => chunk.finishReason === null)).toBe(true)
  })

  it.each([
    [{ type: "error", error }, "NetworkError"],
    [{ type: "error", code: "server_error", message: "Sorry", param: null }, "NetworkError"],
    [{ type: "error", code: "rate_limit_exceeded" }, "RateLimitError"],
    [{ type: "error" }, "ProviderError"],
    [{ error }, "NetworkError"],
    [{ object: "error", message: "Bad", type: "invalid_request_error", code: 400 }, "ValidationError"],
    [
      { type: "response.failed", response: { status: "failed", error: { code: "invalid_prompt", message: "No" } } },
      "ValidationError"
    ],
    [{ type: "response.failed", response: { status: "failed", error: null } }, "ProviderError"],
    [
      { type: "response.completed", response: { status: "failed", error: { code: "server_error", message: "" } } },
      "NetworkError"
    ]
  ])("%j", (event, tag) => {
    const { error: failure, partial } = stream(textDelta, event, completed)
    expect(failure?._tag).toBe(tag)
    expect(partial.content).toBe("Hi")
  })

  it.each([
    [429, "rate_limit_exceeded", "Request too large for gpt-5 on tokens per min (TPM)", "ContextWindowExceeded"],
    [429, "rate_limit_exceeded", "Rate limit reached for gpt-5", "RateLimit"],
    [429, "insufficient_quota", "You exceeded your current quota", "InsufficientCredits"],
    [400, "model_not_found", "The requested model 'gpt-9' does not exist.", "ModelNotFound"],
    [400, "context_length_exceeded", "Your input exceeds the limit of this model.", "ContextWindowExceeded"],
    [401, "invalid_api_key", "Incorrect API key provided", "Authentication"],
    [400, "unsupported_parameter", "Unsupported parameter: 'temperature'", "Validation"],
    [200, "image_parse_error", "The image could not be read", "Validation"],
    [200, "vector_store_timeout", "The vector store was slow", "Server"]
  ] as const)("%i %s is classified", (status, code, text, kind) => {
    const reported = protocol.reportedError({
      error: { message: text, type: "invalid_request_error", param: null, code }
    })
    expect(reported && classify(reported, status)).toBe(kind)
  })
})

describe("a non-streaming response", () => {
  const answer = {
    id: "resp_1",
    object: "response",
    status: "completed",
    model: "gpt-5-mini-2025-08-07",
    error: null,
    output: [{ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm." }] }, message, call],
    usage: { input_tokens: 2, output_tokens: 3, total_tokens: 5 }
  }

  it("is complete, with its parts and itself as the raw response", () => {
    const { outcome, response } = foldResponse(answer)
    expect(outcome).toBe("complete")
    expect(response).toMatchObject({
      reasoning: "Hm.",
      content: "Hi",
      toolCalls: [{ id: "call_a", name: "clock", arguments: '{"zone":"UTC"}' }],
      finishReason: "tool_calls",
      model: "gpt-5-mini-2025-08-07",
      usage: { totalTokens: 5 }
    })
    expect(response?.rawResponse).toEqual(answer)
    expect(response?.message.content).toMatchObject([
      { type: "reasoning", text: "Hm.", providerMetadata: { test: { itemId: "rs_1" } } },
      { type: "text", text: "Hi", providerMetadata: { test: {} } },
      { type: "tool-call", id: "call_a", providerMetadata: { test: {} } }
    ])
  })

  it("fails if it reports a failure or is not a response", () => {
    const failed = { ...answer, status: "failed", error: { code: "rate_limit_exceeded", message: "Slow down" } }
    expect(foldResponse(failed).outcome).toMatchObject({ _tag: "RateLimitError" })
    expect(foldResponse({ ...answer, status: "failed" }).outcome).toMatchObject({ _tag: "ProviderError" })
    for (const none of [{ ...answer, status: "queued", output: [] }, { output: "Hi" }, [], { choices: [] }]) {
      expect(foldResponse(none).outcome).toMatchObject({ _tag: "ProviderError" })
    }
    expect(
      foldResponse({ ...answer, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
    ).toMatchObject({
      outcome: "complete",
      response: { finishReason: "length" }
    })
  })
})

describe("reasoning goes back", () => {
  const done = (...items: ReadonlyArray<object>) =>
    stream(...items.map((item, index) => itemDone(item, index)), completed).response

  const reasoning = { type: "reasoning", id: "rs_1", summary: [], status: null }

  it("in its position, by id, with the ids of later items, if the server stores it", () => {
    const summary = [
      { type: "summary_text", text: "I think. Hm." },
      { type: "summary_text", text: "So." }
    ]
    expect(sentBack(read(protocol, [fixture("reasoning")]).response)).toEqual([
      { type: "reasoning", id: "rs_1", summary },
      {
        type: "message",
        id: "msg_1",
        status: "completed",
        phase: "commentary",
        role: "assistant",
        content: [{ type: "output_text", text: "Let me look.", annotations: [] }]
      },
      { type: "function_call", id: "fc_1", call_id: "call_a", name: "weather", arguments: '{"city":"Ulm"}' }
    ])
  })

  it("with references to the items of server-side tools", () => {
    expect(sentBack(read(protocol, [fixture("web-search")]).response)).toMatchObject([
      { type: "reasoning", id: "rs_1" },
      { type: "item_reference", id: "ws_1" },
      { type: "reasoning", id: "rs_2", summary: [] },
      { type: "message", id: "msg_1", content: [{ text: "Sunny." }] }
    ])
  })

  it("encrypted and without ids, if the server stores nothing", () => {
    const sealed = { ...reasoning, encrypted_content: "gAAAA" }
    const back = { type: "reasoning", summary: [], encrypted_content: "gAAAA" }
    const { id: _, ...nameless } = call
    expect(sentBack(done(sealed, call, { ...sealed, id: "rs_2" }, message))).toEqual([
      back,
      nameless,
      back,
      { role: "assistant", content: [{ type: "output_text", text: "Hi" }] }
    ])
  })

  it("not at all if it is neither stored nor encrypted, or if nothing follows it", () => {
    const { response } = read(protocol, [fixture("rotating-ids")])
    expect(response?.message).not.toHaveProperty("providerData")
    expect(sentBack(done(message, reasoning))).toEqual([
      { role: "assistant", content: [{ type: "output_text", text: "Hi" }] }
    ])
    const custom = { type: "custom_tool_call", id: "ctc_1", call_id: "call_a", name: "write", input: "<p>" }
    expect(sentBack(done(reasoning, custom))).toMatchObject([{ type: "reasoning" }, custom])
  })

  it("only to its provider, also after JSON serialisation", () => {
    const message = done(reasoning, call)?.message
    const stored: AssistantMessage = JSON.parse(JSON.stringify(message))
    expect(bodyOf({ messages: [stored] })["input"]).toMatchObject([{ type: "reasoning" }, { id: "fc_1" }])
    const other = OpenAIResponses.make({ provider: "other" }).encode({ messages: [stored], model: "m" }, true)
    expect(Either.getOrThrow(other).body["input"]).toMatchObject([{ type: "function_call", call_id: "call_a" }])
  })

  it("not in a message without reasoning", () => {
    expect(done(message, call)?.message).not.toHaveProperty("providerData")
  })
})

describe("a request", () => {
  it("is encoded with every field", () => {
    const request: ChatRequest & { readonly model: string } = {
      model: "gpt-5-mini",
      messages: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "Look", cache: "5m" },
            { type: "image", url: "https://example.com/a.png", detail: "low" },
            { type: "image", data: "AAAA", mediaType: "image/png" },
            { type: "file", data: "BBBB", mediaType: "application/pdf", filename: "a.pdf" },
            { type: "file", url: "https://example.com/b.pdf", mediaType: "application/pdf" }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "text", text: "Sure." },
            { type: "tool-call", id: "call_a", name: "clock", arguments: "" }
          ]
        },
        { role: "tool", toolCallId: "call_a", content: "noon" }
      ],
      maxTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      reasoning: { effort: "low" },
      toolChoice: { name: "clock" },
      providerOptions: { test: { store: false, user: "u" }, other: { no: 1 } }
    }
    const encoded = Either.getOrThrow(protocol.encode(questionOf(request), false))
    expect(encoded.path).toBe("/responses")
    expect(JSON.parse(JSON.stringify(encoded.body))).toEqual({
      model: "gpt-5-mini",
      stream: false,
      input: [
        { role: "system", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "input_text", text: "Look" },
            { type: "input_image", image_url: "https://example.com/a.png", detail: "low" },
            { type: "input_image", image_url: "data:image/png;base64,AAAA" },
            { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" },
            { type: "input_file", file_url: "https://example.com/b.pdf" }
          ]
        },
        { role: "assistant", content: [{ type: "output_text", text: "Sure." }] },
        { type: "function_call", call_id: "call_a", name: "clock", arguments: "{}" },
        { type: "function_call_output", call_id: "call_a", output: "noon" }
      ],
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      reasoning: { effort: "low", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      tool_choice: { type: "function", name: "clock" },
      store: false,
      user: "u"
    })
  })

  it("marks tools and formats as strict only if their schema is", () => {
    const strict = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false
    }
    const loose = { type: "object", properties: { a: { type: "string" } } }
    const tools = [
      { name: "one", description: "First", parameters: strict },
      { name: "two", parameters: loose },
      { name: "three", parameters: {} },
      { name: "four", parameters: Schema.Struct({ a: Schema.String }) }
    ]
    expect(bodyOf({ tools })["tools"]).toMatchObject([
      { type: "function", name: "one", description: "First", parameters: strict, strict: true },
      { name: "two", strict: false },
      { name: "three", strict: false },
      { name: "four", strict: true, parameters: { type: "object" } }
    ])
    expect(bodyOf({ responseFormat: { type: "json", schema: strict, name: "point" } })["text"]).toEqual({
      format: { type: "json_schema", name: "point", schema: strict, strict: true }
    })
    expect(bodyOf({ responseFormat: { type: "json" } })["text"]).toEqual({ format: { type: "json_object" } })
    expect(bodyOf({ responseFormat: { type: "text" } })["text"]).toBeUndefined()
    expect(bodyOf({ toolChoice: "required" })["tool_choice"]).toBe("required")
  })

  it("requests no summary without reasoning, and encrypted reasoning only without storage", () => {
    expect(bodyOf({ reasoning: { effort: "none" } })["reasoning"]).toEqual({ effort: "none" })
    expect(bodyOf({ reasoning: { effort: "low" } })["include"]).toBeUndefined()
    expect(bodyOf({ providerOptions: { test: { store: false } } })["include"]).toBeUndefined()
  })

  it.each([{ stop: "END" }, { seed: 7 }, { reasoning: { budgetTokens: 9 } }] as const)(
    "is rejected with one sentence if a field is unsupported: %o",
    (wrong) => {
      const result = protocol.encode({ messages: [{ role: "user", content: "secret" }], model: "m", ...wrong }, true)
      expect(Either.isLeft(result) && result.left).toMatch(/^[^\n]+$/)
      expect(JSON.stringify(result)).not.toContain("secret")
    }
  )
})
