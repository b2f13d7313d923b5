/** What servers and gateways were reported to send, as a table: `test/fixtures/wire-cases.json` has each with its source. */
import { readFileSync } from "node:fs"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer, Schema, type Scope } from "effect"
import {
  Anthropic,
  type ChatRequest,
  type ChatResponse,
  collect,
  Google,
  LLMClient,
  type LLMError,
  Message,
  OpenAI,
  OpenAICompatible,
  Policy
} from "llm-connectivity"
import * as vendors from "llm-connectivity/vendors"

interface Expected {
  readonly calls?: ReadonlyArray<string>
  readonly callCount?: number
  readonly ids?: ReadonlyArray<string>
  readonly distinctIds?: true
  readonly content?: string
  readonly reasoning?: string
  readonly finishReason?: string
  readonly usage?: readonly [number, number] | null
  readonly error?: string
  readonly reason?: string
  readonly notReason?: string
  readonly retryable?: boolean
  readonly retryAfterSeconds?: number
  readonly sentIds?: string
  readonly sent?: "contentIsNull" | "signatureGoesBack" | "emptyParameters" | "resultOrder" | "nothing"
  readonly extractReasoning?: true
}

interface WireCase {
  readonly id: string
  readonly kind: string
  readonly source: string
  readonly protocol: string
  readonly mode: "stream" | "whole"
  readonly model?: string
  readonly request?: ChatRequest
  readonly response?: string
  readonly expected: Expected
}

const cases: ReadonlyArray<WireCase> = JSON.parse(
  readFileSync(new URL("../fixtures/wire-cases.json", import.meta.url), "utf8")
)

/** Answers every connection with the same bytes, and closes it. */
const serveBytes = (
  bytes: string
): Effect.Effect<{ readonly url: string; readonly bodies: ReadonlyArray<string> }, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly url: string; readonly bodies: Array<string>; readonly close: () => void }>((resume) => {
        const bodies: Array<string> = []
        const sockets = new Set<Socket>()
        const server = createServer((socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          let seen = ""
          socket.on("data", (data) => {
            seen += data.toString()
            const end = seen.indexOf("\r\n\r\n")
            const length = Number(/content-length: (\d+)/i.exec(seen)?.[1] ?? Number.NaN)
            if (end === -1 || Buffer.byteLength(seen.slice(end + 4)) < length) return
            bodies.push(seen.slice(end + 4))
            socket.end(bytes)
          })
        })
        server.listen(0, "127.0.0.1", () => {
          const { port } = server.address() as AddressInfo
          const close = () => {
            for (const socket of sockets) socket.destroy()
            server.close()
          }
          resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, bodies, close }))
        })
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ url, bodies }) => ({ url, bodies })
  )

const apiKey = "sk-wire-case-key"

/** The client of a case: the provider that speaks its protocol, without retries. */
const clientOf = (
  { protocol, model = "m", expected }: WireCase,
  url: string
): Layer.Layer<LLMClient, unknown, HttpClient.HttpClient> => {
  const options = { model, policies: expected.extractReasoning === true ? [Policy.extractReasoning()] : [] }
  switch (protocol) {
    case "openai":
      return Layer.provide(LLMClient.fromProvider(OpenAI, options), OpenAI.layer({ apiKey, baseUrl: url }))
    case "responses":
      return Layer.provide(
        LLMClient.fromProvider(OpenAI, options),
        OpenAI.layer({ apiKey, baseUrl: url, api: "responses" })
      )
    case "anthropic":
      return Layer.provide(LLMClient.fromProvider(Anthropic, options), Anthropic.layer({ apiKey, baseUrl: url }))
    case "google":
      return Layer.provide(LLMClient.fromProvider(Google, options), Google.layer({ apiKey, baseUrl: url }))
    case "chat": {
      const acme = OpenAICompatible.make({ name: "acme", baseUrl: url, apiKey })
      return Layer.provide(LLMClient.fromProvider(acme.tag, options), acme.layer)
    }
    default: {
      const vendor = Object.entries(vendors).find(([name]) => name === protocol)?.[1]
      if (vendor === undefined) throw new Error(`no vendor is named ${protocol}`)
      // Each vendor's tag has an identifier of its own; any of them types the rest.
      const tag = vendor as typeof vendors.Groq
      return Layer.provide(LLMClient.fromProvider(tag, options), tag.layer({ apiKey, baseUrl: url }))
    }
  }
}

const hello: ChatRequest = {
  messages: [Message.user("Hi")],
  tools: ["a", "b", "bash", "weather"].map((name) => ({
    name,
    description: "A tool",
    parameters: { type: "object", properties: {} }
  }))
}

/** A successful response to what a case only sends. */
const defaultResponses: { readonly [protocol: string]: unknown } = {
  anthropic: {
    type: "message",
    role: "assistant",
    model: "m",
    content: [{ type: "text", text: "ok" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 }
  },
  google: { candidates: [{ content: { role: "model", parts: [{ text: "ok" }] }, finishReason: "STOP" }] },
  chat: { choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }] }
}

const responseOf = ({ protocol, response }: WireCase): string =>
  response ??
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${JSON.stringify(
    defaultResponses[protocol] ?? defaultResponses["chat"]
  )}`

const checkResponse = (response: ChatResponse, expected: Expected): void => {
  expect(expected.error).toBeUndefined()
  const { calls, callCount, ids, distinctIds, content, reasoning, finishReason, usage } = expected
  if (calls !== undefined) expect(response.toolCalls.map((call) => `${call.name}(${call.arguments})`)).toEqual(calls)
  if (callCount !== undefined) expect(response.toolCalls).toHaveLength(callCount)
  if (ids !== undefined) expect(response.toolCalls.map((call) => call.id)).toEqual(ids)
  if (distinctIds) expect(new Set(response.toolCalls.map((call) => call.id)).size).toBe(response.toolCalls.length)
  if (content !== undefined) expect(response.content).toBe(content)
  if (reasoning !== undefined) expect(response.reasoning).toBe(reasoning)
  if (finishReason !== undefined) expect(response.finishReason).toBe(finishReason)
  if (usage !== undefined) {
    expect(response.usage && [response.usage.inputTokens, response.usage.outputTokens]).toEqual(usage)
  }
}

const checkError = (error: LLMError, expected: Expected): void => {
  if (expected.error === undefined) throw error
  if (expected.error !== "any") expect(error._tag).toBe(expected.error)
  const reason = "reason" in error ? error.reason : undefined
  if (expected.reason !== undefined) expect(reason).toBe(expected.reason)
  if (expected.notReason !== undefined) expect(reason).not.toBe(expected.notReason)
  if (expected.retryable !== undefined) expect("retryable" in error && error.retryable).toBe(expected.retryable)
  if (expected.retryAfterSeconds !== undefined) {
    const seconds = "retryAfter" in error && error.retryAfter ? Duration.toSeconds(error.retryAfter) : 0
    expect(Math.round(seconds)).toBe(expected.retryAfterSeconds)
  }
}

/** The ids of calls and results in a request body, whichever protocol it speaks. */
const idsIn = (body: string): ReadonlyArray<string> =>
  Array.from(body.matchAll(/"(?:tool_call_id|tool_use_id|call_id|id)":"([^"]*)"/g), ([, id = ""]) => id)

const checkSent = (bodies: ReadonlyArray<string>, { sentIds, sent }: Expected): void => {
  const [body = "", second = ""] = bodies
  if (sentIds !== undefined) {
    expect(idsIn(body)).toHaveLength(2)
    for (const id of idsIn(body)) expect(id).toMatch(new RegExp(sentIds))
    expect(new Set(idsIn(body)).size).toBe(1)
  }
  if (sent === "nothing") expect(bodies).toEqual([])
  if (sent === "contentIsNull") expect(body).not.toContain('"content":""')
  if (sent === "emptyParameters") {
    expect(body).toContain('"type":"object"')
    expect(body).not.toContain("anyOf")
  }
  if (sent === "resultOrder") expect(body.indexOf("Rome: sun")).toBeLessThan(body.indexOf("Oslo: snow"))
  if (sent === "signatureGoesBack") expect(second).toContain("extra_content")
}

const run = (each: WireCase) =>
  Effect.gen(function* () {
    const server = yield* serveBytes(responseOf(each))
    const tools = [{ name: "now", parameters: Schema.Struct({}) }]
    const request = { ...hello, ...each.request, ...(each.expected.sent === "emptyParameters" ? { tools } : {}) }
    const call = (next: ChatRequest) =>
      each.mode === "whole" ? LLMClient.chat(next) : collect(LLMClient.chatStream(next))
    const exchange = Effect.gen(function* () {
      const response = yield* call(request)
      if (each.expected.sent === "signatureGoesBack") {
        const results = response.toolCalls.map((toolCall) => Message.tool(toolCall.id, "sunny"))
        yield* call({ ...request, messages: [...request.messages, response.message, ...results] })
      }
      return response
    })
    const result = yield* Effect.either(exchange).pipe(
      Effect.provide(clientOf(each, server.url)),
      Effect.provide(FetchHttpClient.layer)
    )
    if (result._tag === "Right") checkResponse(result.right, each.expected)
    else checkError(result.left, each.expected)
    checkSent(server.bodies, each.expected)
  }).pipe(Effect.scoped)

describe("what servers were reported to send", () => {
  it.live.each(cases)("$id: $kind", (each) => run(each))
})
