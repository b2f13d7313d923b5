/** The sources of responses, over real HTTP and as vendors send them. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChatResponse, collect, HostedTool, LLMClient, type Message, type Source } from "llm-connectivity"
import type { ProtocolName } from "llm-connectivity/testing"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { protocolNames } from "../resilience/ask.js"
import { cpuMillis, slack } from "../support/atAnySpeed.js"
import { asking, bodies, protocols } from "../support/contract.js"
import { type Reading, read } from "../support/read.js"

const messages: ReadonlyArray<Message> = [{ role: "user", content: "Who won?" }]

// One, two, three and four bytes in UTF-8.
const before = "Grüße: "
const cited = "Ulm gewann 3–1 🏆 gestern"
const content = `${before}${cited}. Und mehr.`

const range = { start: before.length, end: before.length + cited.length }
const last = { start: content.length - "Und mehr.".length, end: content.length }

const sources: ReadonlyArray<Source> = [
  { url: "https://example.com/sport?a=1", title: "Sport", range },
  { url: "https://example.org/", title: "Other", range: last }
]

const toolsOf = (name: ProtocolName) => (name === "openai-chat" ? [] : [HostedTool.webSearch()])

describe.each(protocolNames)("the sources of %s", (name) => {
  const request = { messages, tools: toolsOf(name) }
  const isAsked = (response: ChatResponse) => {
    expect([response.content, response.sources]).toEqual([content, sources])
    expect(
      response.sources?.map(({ range: { start, end } = { start: 0, end: 0 } }) => content.slice(start, end))
    ).toEqual([cited, "Und mehr."])
  }

  it.effect("are the same in a stream and in one response, with ranges of the content", () =>
    Effect.gen(function* () {
      isAsked(yield* collect(LLMClient.chatStream(request)))
      isAsked(yield* LLMClient.chat(request))
    }).pipe(asking(protocols[name], () => ({ content, sources })))
  )

  it.effect("are missing where a response cites nothing", () =>
    Effect.gen(function* () {
      expect(yield* LLMClient.chat(request)).not.toHaveProperty("sources")
    }).pipe(asking(protocols[name], ["Hello"]))
  )

  it.effect("leave out what is no web page, and cut long titles", () =>
    Effect.gen(function* () {
      const { sources: safe } = yield* LLMClient.chat(request)
      const kept = (safe ?? []).map(({ url, title }) => [url, title?.length])
      expect(kept).toEqual([["https://example.com/", 300]])
    }).pipe(
      asking(protocols[name], [
        {
          content,
          sources: [
            { url: "javascript:alert(1)", range },
            { url: "data:text/html,hi", range },
            { url: "https://user:password@example.com/", range },
            { url: `https://example.com/${"a".repeat(3000)}`, range },
            { url: "https://example.com/", title: "t".repeat(5000), range }
          ]
        }
      ])
    )
  )
})

describe("citations of Anthropic", () => {
  it.effect("go back with their text", () =>
    Effect.gen(function* () {
      const { message } = yield* collect(LLMClient.chatStream({ messages }))
      const more: ReadonlyArray<Message> = [...messages, message, { role: "user", content: "And then?" }]
      yield* LLMClient.chat({ messages: more })
      const [, body] = yield* bodies
      const citation = {
        type: "web_search_result_location",
        cited_text: "",
        url: sources[0]?.url,
        title: "Sport",
        encrypted_index: expect.any(String)
      }
      expect(body).toMatchObject({
        messages: [{}, { content: [{ text: before }, { text: cited, citations: [citation] }, {}, {}] }, {}]
      })
    }).pipe(asking(protocols["anthropic-messages"], [{ content, sources }, "Nothing"]))
  )

  it.effect("do not go to other providers", () =>
    Effect.gen(function* () {
      const citation = { type: "web_search_result_location", url: "https://example.com/", encrypted_index: "secret" }
      const providerMetadata = { anthropic: { citations: [citation] } }
      const answer: Message = { role: "assistant", content: [{ type: "text", text: "Ulm", providerMetadata }] }
      yield* LLMClient.chat({ messages: [...messages, answer, { role: "user", content: "And then?" }] })
      expect(JSON.stringify(yield* bodies)).not.toContain("encrypted_index")
    }).pipe(asking(protocols["openai-responses"]))
  )
})

describe("a paused response", () => {
  it.effect("says so in a stream and in one response, and only Anthropic's is", () =>
    Effect.gen(function* () {
      const streamed = yield* collect(LLMClient.chatStream({ messages }))
      const whole = yield* LLMClient.chat({ messages })
      expect([streamed, whole].map(({ paused, finishReason }) => [paused, finishReason])).toEqual([
        [true, "other"],
        [true, "other"]
      ])
    }).pipe(asking(protocols["anthropic-messages"], () => ({ content: "Searching", finishReason: "other" })))
  )
})

const sse = (...events: ReadonlyArray<object>): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")

const chatOf = (...events: ReadonlyArray<object>): Reading =>
  read(OpenAIChat.make({ provider: "perplexity", maxTokensField: "max_tokens" }), [sse(...events), "data: [DONE]\n\n"])

const delta = (fields: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }]
})

describe("sources of chat completions", () => {
  it("are Perplexity's, once, although every event repeats them", () => {
    const citations = ["https://a.example/", "https://b.example/"]
    const results = [{ title: "A", url: "https://a.example/" }]
    const lists = { citations, search_results: results }
    const { response, chunks } = chatOf(
      { ...delta({ role: "assistant", content: "Ulm [1]" }), ...lists },
      { ...delta({ content: "[2]" }), ...lists },
      { ...delta({}, "stop"), citations: [...citations, "https://c.example/"] }
    )
    expect(response?.sources).toEqual([
      { url: "https://a.example/", title: "A" },
      { url: "https://b.example/" },
      { url: "https://c.example/" }
    ])
    // The last one comes with the finish reason.
    expect(chunks.map(({ sources: all }) => all?.length ?? 0)).toEqual([0, 2, 0, 1])
  })

  it("are OpenRouter's, without the range that it leaves at 0", () => {
    const annotation = {
      type: "url_citation",
      url_citation: { url: "https://a.example/", title: "", start_index: 0, end_index: 0 }
    }
    const { response } = chatOf(delta({ content: "Ulm", annotations: [annotation] }), delta({}, "stop"))
    expect(response?.sources).toEqual([{ url: "https://a.example/" }])
  })

  it("have the range of a text that comes after them, and none where it never comes", () => {
    const page = (url: string, end: number) => ({
      type: "url_citation",
      url_citation: { url, start_index: 0, end_index: end }
    })
    const { response } = chatOf(
      delta({
        role: "assistant",
        content: "U",
        annotations: [page("https://a.example/", 3), page("https://b.example/", 9)]
      }),
      delta({ content: "lm" }),
      delta({}, "stop")
    )
    expect(response?.sources).toEqual([
      { url: "https://a.example/", range: { start: 0, end: 3 } },
      { url: "https://b.example/" }
    ])
  })

  it("are at most 1,000, read in bounded time however many a server sends", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `https://a.example/${index}`)
    const startedAt = cpuMillis()
    const { chunks } = chatOf({ ...delta({ role: "assistant", content: "Ulm" }), citations: many }, delta({}, "stop"))
    expect(chunks.flatMap(({ sources: all }) => all ?? [])).toHaveLength(1000)
    expect(cpuMillis() - startedAt).toBeLessThan(2000 * slack)
  })
})

describe("sources of Responses", () => {
  const responses = OpenAIResponses.make({ provider: "openai" })
  const page = (url: string, start_index: unknown, end_index: unknown) => ({
    type: "url_citation",
    url,
    start_index,
    end_index
  })
  const text = (value: string, ...annotations: ReadonlyArray<object>) => ({
    type: "output_text",
    text: value,
    annotations
  })
  const item = (id: string, ...content: ReadonlyArray<object>) => ({ type: "message", id, role: "assistant", content })
  const whole = (...output: ReadonlyArray<object>) => ({ id: "r", object: "response", status: "completed", output })

  it("count in the whole content, over several messages and texts", () => {
    const response = whole(
      item("a", text("Hello ")),
      item("b", text("Ulm"), text(" won", page("https://a.example/", 1, 4))),
      item("c", text("!", page("https://b.example/", 0, 1)))
    )
    const events = [
      { type: "response.created", response: { id: "r" } },
      ...response.output.map((each, output_index) => ({ type: "response.output_item.done", output_index, item: each })),
      { type: "response.completed", response }
    ]
    expect(read(responses, [sse(...events)]).response).toMatchObject({
      content: "Hello Ulm won!",
      sources: [
        { url: "https://a.example/", range: { start: 10, end: 13 } },
        { url: "https://b.example/", range: { start: 13, end: 14 } }
      ]
    })
  })

  it("are named once, although the message repeats them, and without a range that is wrong", () => {
    const added = (annotation: object) => ({
      type: "response.output_text.annotation.added",
      item_id: "a",
      output_index: 0,
      content_index: 0,
      annotation
    })
    const all = [
      page("https://a.example/", 0, 3),
      page("https://b.example/", 2, 1),
      page("https://c.example/", -1, 2.5),
      { type: "file_citation", file_id: "f" }
    ]
    const { response } = read(responses, [
      sse(
        { type: "response.output_text.delta", item_id: "a", output_index: 0, content_index: 0, delta: "Ulm" },
        ...all.map(added),
        { type: "response.output_item.done", output_index: 0, item: item("a", text("Ulm", ...all)) },
        { type: "response.completed", response: whole(item("a", text("Ulm", ...all))) }
      )
    ])
    expect(response?.sources).toEqual([
      { url: "https://a.example/", range: { start: 0, end: 3 } },
      { url: "https://b.example/" },
      { url: "https://c.example/" }
    ])
  })
})

describe("sources of Gemini", () => {
  const gemini = GoogleGemini.make({ provider: "google" })
  const event = (text: string, groundingMetadata?: object, finishReason?: string) => ({
    candidates: [{ content: { parts: [{ text }] }, groundingMetadata, finishReason }]
  })
  const chunks = [{ web: { uri: "https://a.example/", title: "A" } }, { retrievedContext: { title: "no address" } }]

  it("have no range where the request has no hosted tools, as offsets count bytes", () => {
    const supports = [{ segment: { endIndex: 3, text: "Ulm" }, groundingChunkIndices: [0, 1, 7, "x"] }]
    const grounding = { groundingChunks: chunks, groundingSupports: supports }
    const { response } = read(gemini, [sse(event("Ulm"), event("", grounding, "STOP"))])
    expect(response?.sources).toEqual([{ url: "https://a.example/", title: "A" }])
  })
})

describe("sources of Anthropic", () => {
  it("are left out of metadata where they are of documents, whose form back differs", () => {
    const citation = { type: "char_location", cited_text: "x", document_index: 0 }
    const { response } = read(AnthropicMessages.make({ provider: "anthropic" }), [
      sse(
        { type: "message_start", message: { id: "m" } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "", citations: [] } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Ulm" } },
        { type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn" } },
        { type: "message_stop" }
      )
    ])
    expect(response?.message).toEqual({ role: "assistant", content: "Ulm" })
    expect(response).not.toHaveProperty("sources")
  })
})
