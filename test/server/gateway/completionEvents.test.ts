/** What chat completions say of parts that only some providers have: reasoning, refusals, signatures, answers that restart. */
import { createServer } from "node:http"
import { HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { Gateway, openAIRoutes } from "llm-connectivity/server"
import { MockLLM, type MockResponse } from "llm-connectivity/testing"
import OpenAI from "openai"

const messages = [{ role: "user" as const, content: "Hi" }]

/** The chunks and the message of the same scripted answer, and the client that read them. */
const answered = (script: MockResponse) =>
  Effect.gen(function* () {
    const key = Redacted.make("key")
    const authorize = yield* Gateway.authorizeKeys([{ key, caller: { name: "ada" } }])
    yield* HttpServer.serveEffect(yield* openAIRoutes({ models: { mock: MockLLM.layer(() => script) }, authorize }))
    const baseURL = yield* HttpServer.addressFormattedWith((address) => Effect.succeed(`${address}/v1`))
    const client = new OpenAI({ apiKey: "key", baseURL, maxRetries: 0 })
    return yield* Effect.promise(async () => {
      const request = { model: "mock", messages }
      const deltas: Array<unknown> = []
      let error: unknown
      try {
        for await (const { choices } of await client.chat.completions.create({ ...request, stream: true }))
          deltas.push(choices[0]?.delta)
      } catch (caught) {
        error = caught
      }
      const whole = error === undefined ? await client.chat.completions.create(request) : undefined
      return { deltas, error, message: whole?.choices[0]?.message }
    })
  }).pipe(Effect.provide(NodeHttpServer.layer(createServer, { port: 0, host: "127.0.0.1" })))

const opening = { role: "assistant", content: "", refusal: null }

describe("chat completions", () => {
  it.scopedLive("show reasoning as reasoning_content", () =>
    Effect.gen(function* () {
      const { deltas, message } = yield* answered([{ reasoning: "Hm" }, { content: "Yes" }])
      expect(deltas).toEqual([opening, { reasoning_content: "Hm" }, { content: "Yes" }, {}])
      expect(message).toMatchObject({ reasoning_content: "Hm", content: "Yes" })
    })
  )

  it.scopedLive("show a refusal as a refusal, and text after it as text", () =>
    Effect.gen(function* () {
      const { deltas, message } = yield* answered([
        { content: "I will not", part: { index: 0, type: "refusal" } },
        { content: " do that." },
        { content: "Sorry.", part: { index: 1, type: "text" } }
      ])
      expect(deltas).toEqual([opening, { refusal: "I will not" }, { refusal: " do that." }, { content: "Sorry." }, {}])
      expect(message).toMatchObject({ refusal: "I will not do that.", content: "Sorry." })
    })
  )

  it.scopedLive("have the pages that an answer cites as annotations", () =>
    Effect.gen(function* () {
      const range = { start: 0, end: 3 }
      const { deltas, message } = yield* answered([
        { content: "Yes" },
        { sources: [{ url: "https://a.example/", title: "A", range }] },
        { sources: [{ url: "https://b.example/" }], finishReason: "stop" }
      ])
      const annotation = (url: string, title: string, end_index: number) => ({
        type: "url_citation",
        url_citation: { end_index, start_index: 0, title, url }
      })
      const [first, second] = [annotation("https://a.example/", "A", 3), annotation("https://b.example/", "", 0)]
      expect(deltas).toEqual([opening, { content: "Yes" }, { annotations: [first] }, { annotations: [second] }, {}])
      expect(message).toMatchObject({ content: "Yes", annotations: [first, second] })
    })
  )

  it.scopedLive("carry the signature of a call, wherever in the call it comes", () =>
    Effect.gen(function* () {
      const extra_content = { google: { thoughtSignature: "c2ln" } }
      const call = { index: 0, id: "call_1", name: "look", arguments: "" }
      const { deltas, message } = yield* answered([
        { toolCalls: [call], part: { index: 0, type: "tool-call" } },
        { toolCalls: [{ index: 0, arguments: "{}" }] },
        { part: { index: 0, type: "tool-call", providerMetadata: extra_content } }
      ])
      expect(deltas).toMatchObject([
        opening,
        { tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "" } }] },
        { tool_calls: [{ index: 0, function: { arguments: "{}" } }] },
        { tool_calls: [{ index: 0, extra_content }] },
        {}
      ])
      expect(message).toMatchObject({
        content: null,
        tool_calls: [{ id: "call_1", function: { name: "look", arguments: "{}" }, extra_content }]
      })
    })
  )

  it.scopedLive("write any text, also what looks like an event", () =>
    Effect.gen(function* () {
      const text = 'a"b\\c\n\ndata: [DONE]\n\n\u2028 "content":"content" 😀'
      const { deltas, message } = yield* answered([text])
      expect(deltas).toEqual([opening, { content: text }, {}])
      expect(message?.content).toBe(text)
    })
  )

  it.scopedLive("fail when the answer starts again, because what was sent cannot be taken back", () =>
    Effect.gen(function* () {
      const { deltas, error } = yield* answered(["One, ", { reset: true, content: "Uno, " }])
      expect(deltas).toEqual([opening, { content: "One, " }])
      expect(error).toMatchObject({ type: "server_error", message: expect.stringContaining("was cut off") })
    })
  )
})
