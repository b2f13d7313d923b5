/** What servers send that differs from their documentation, by public reports and vendors' error pages, as a table. */
import { readFileSync } from "node:fs"
import { FetchHttpClient, type HttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Either, Layer, ManagedRuntime } from "effect"
import {
  Anthropic,
  type ChatResponse,
  collect,
  Google,
  LLMClient,
  type LLMError,
  Message,
  OpenAI,
  OpenAICompatible
} from "llm-connectivity"

/** What a reader should see; what is left out is not checked. */
interface Seen {
  readonly content?: string
  readonly reasoning?: string
  /** Each as `name(arguments)`. */
  readonly calls?: ReadonlyArray<string>
  readonly ids?: ReadonlyArray<string>
  readonly finishReason?: string
  /** Input and output tokens. */
  readonly usage?: readonly [number, number] | null
  /** The class of the error, and its reason: `NetworkError Truncated`. */
  readonly error?: string
  readonly retryAfterSeconds?: number
  /** A part of the provider's message. */
  readonly says?: string
}

interface Report {
  readonly sent: string
  readonly source: string
  readonly protocol: "chat" | "responses" | "anthropic" | "google"
  readonly mode: "stream" | "whole" | "both"
  readonly status?: number
  /** The content type; that of a stream if it is left out. */
  readonly type?: string
  readonly body: string
  readonly seen: Seen
}

const reports: ReadonlyArray<Report> = JSON.parse(
  readFileSync(new URL("../fixtures/wire-reports.json", import.meta.url), "utf8")
)

const clientOf = (protocol: Report["protocol"]): Layer.Layer<LLMClient, unknown, HttpClient.HttpClient> => {
  const options = { model: "m", policies: [] }
  const server = { apiKey: "sk-wire-report-key", baseUrl: "http://127.0.0.1:1" }
  switch (protocol) {
    case "responses":
      return Layer.provide(LLMClient.fromProvider(OpenAI, options), OpenAI.layer({ ...server, api: "responses" }))
    case "anthropic":
      return Layer.provide(LLMClient.fromProvider(Anthropic, options), Anthropic.layer(server))
    case "google":
      return Layer.provide(LLMClient.fromProvider(Google, options), Google.layer(server))
    case "chat": {
      const acme = OpenAICompatible.make({ name: "acme", ...server })
      return Layer.provide(LLMClient.fromProvider(acme.tag, options), acme.layer)
    }
  }
}

const runtimeOf = (protocol: Report["protocol"]) =>
  ManagedRuntime.make(Layer.provide(clientOf(protocol), FetchHttpClient.layer))

// One client a protocol, because building one takes longer than a call.
const runtimes = {
  chat: runtimeOf("chat"),
  responses: runtimeOf("responses"),
  anthropic: runtimeOf("anthropic"),
  google: runtimeOf("google")
}

/** Reads a response without the network. */
const read = (
  { protocol, body, status = 200, type = "text/event-stream" }: Pick<Report, "protocol" | "body" | "status" | "type">,
  mode: "stream" | "whole"
) => {
  const headers = type === "" ? {} : { "content-type": type }
  const fetch: typeof globalThis.fetch = () => Promise.resolve(new Response(body, { status, headers }))
  const request = { messages: [Message.user("Hi")] }
  const call = mode === "whole" ? LLMClient.chat(request) : collect(LLMClient.chatStream(request))
  return Effect.either(call).pipe(
    Effect.provide(runtimes[protocol]),
    Effect.provideService(FetchHttpClient.Fetch, fetch)
  )
}

const classOf = (error: LLMError): string => ("reason" in error ? `${error._tag} ${error.reason}` : error._tag)

const seenOf = (result: Either.Either<ChatResponse, LLMError>): Seen & { readonly says: string } => {
  if (Either.isLeft(result)) {
    const error = result.left
    const delay = "retryAfter" in error && error.retryAfter !== undefined ? Duration.toSeconds(error.retryAfter) : 0
    return { error: classOf(error), retryAfterSeconds: Math.round(delay), says: error.message }
  }
  const { content, reasoning, toolCalls, finishReason, usage } = result.right
  return {
    content,
    reasoning,
    calls: toolCalls.map((call) => `${call.name}(${call.arguments})`),
    ids: toolCalls.map((call) => call.id),
    finishReason,
    usage: usage && [usage.inputTokens, usage.outputTokens],
    says: ""
  }
}

const played = reports.flatMap((report) =>
  (report.mode === "both" ? (["stream", "whole"] as const) : [report.mode]).map((mode) => ({
    ...report,
    mode,
    title: `${report.protocol}, ${mode}: ${report.sent}`
  }))
)

describe("a deviation that was reported", () => {
  it.effect.each(played)("$title", ({ mode, seen, ...report }) =>
    Effect.gen(function* () {
      const { says, ...expected } = seen
      const result = seenOf(yield* read(report, mode))
      expect(result).toMatchObject(expected)
      if (says !== undefined) expect(result.says).toContain(says)
    })
  )
})

const isJson = ({ body }: Report): boolean => /^\s*[[{]/.test(body)

describe("an error without its status", () => {
  const errors = reports.filter((report) => (report.status ?? 200) >= 400 && isJson(report))

  it.effect.each(errors)("has one class in a stream and in a 200: $protocol, $sent", (report) =>
    Effect.gen(function* () {
      const json = { protocol: report.protocol, status: 200, type: "application/json", body: report.body }
      const whole = seenOf(yield* read(json, "whole"))
      const event = { protocol: report.protocol, status: 200, body: `data: ${report.body}\n\n` }
      const named = { ...event, body: `event: error\n${event.body}` }
      expect(whole.error).toBeDefined()
      expect(seenOf(yield* read(event, "stream")).error).toBe(whole.error)
      expect(seenOf(yield* read(named, "stream")).error).toBe(whole.error)
    })
  )
})
