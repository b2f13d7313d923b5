/**
 * Recorded streams of real providers, from the folder in RECORDINGS: a `manifest.json` and the files it lists. Each
 * recording is read in one piece, byte by byte, in random pieces and over HTTP, and must match the manifest.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { collect, LLMClient, OpenAI } from "llm-connectivity"
import * as AnthropicMessages from "../../src/protocol/anthropic-messages/protocol.js"
import * as GoogleGemini from "../../src/protocol/google-gemini/protocol.js"
import * as OpenAIChat from "../../src/protocol/openai-chat/protocol.js"
import * as OpenAIResponses from "../../src/protocol/openai-responses/protocol.js"
import { hello } from "../support/openai.js"
import { type Reading, read } from "../support/read.js"
import { serve, sse } from "../support/server.js"

interface Recording {
  readonly id: string
  readonly file: string
  readonly api: string
  readonly expect: {
    readonly text: string
    readonly reasoning: string
    readonly toolCalls: ReadonlyArray<{
      readonly id: string | null
      readonly name: string
      readonly argumentsJson: unknown
    }>
    readonly finish: string | null
    readonly error: object | null
    readonly usage: Record<string, number | null> | null
  }
}

const folder = process.env["RECORDINGS"]
if (folder === undefined) throw new Error("set RECORDINGS to the folder that holds manifest.json and the recordings")

const { streams }: { readonly streams: ReadonlyArray<Recording> } = JSON.parse(
  readFileSync(join(folder, "manifest.json"), "utf8")
)

type Reads = ReadonlyArray<Uint8Array>

const chat = OpenAIChat.make({ provider: "test", maxTokensField: "max_completion_tokens" })
const responses = OpenAIResponses.make({ provider: "test" })
const messages = AnthropicMessages.make({ provider: "test" })
const gemini = GoogleGemini.make({ provider: "test" })

const readings: Record<string, (reads: Reads) => Reading> = {
  "openai-chat-completions": (reads) => read(chat, reads),
  "openai-responses": (reads) => read(responses, reads),
  "anthropic-messages": (reads) => read(messages, reads),
  "gemini-generateContent": (reads) => read(gemini, reads)
}

/** The manifest's usage with inclusive counts: for some protocols, the manifest excludes parts. */
const inclusive = (usage: NonNullable<Recording["expect"]["usage"]>) => {
  const prompt = usage["promptInclusive"] ?? (usage["prompt"] ?? 0) + (usage["toolUsePrompt"] ?? 0)
  const stated = usage["completionInclusive"] ?? usage["completion"] ?? 0
  const reasoning = usage["reasoning"] ?? 0
  const isBeside = reasoning > 0 && usage["total"] === prompt + stated + reasoning
  return {
    inputTokens: prompt,
    outputTokens: isBeside ? stated + reasoning : stated,
    cacheReadTokens: usage["cached"] ?? 0,
    cacheWriteTokens: usage["cacheWrite"] ?? 0,
    reasoningTokens: reasoning
  }
}

const check = ({ partial, response, error }: Reading, expected: Recording["expect"]): void => {
  expect(partial.content).toBe(expected.text)
  expect(partial.reasoning).toBe(expected.reasoning)
  expect(partial.toolCalls.map((call) => ({ name: call.name, json: JSON.parse(call.arguments || "{}") }))).toEqual(
    expected.toolCalls.map((call) => ({ name: call.name, json: call.argumentsJson }))
  )
  expected.toolCalls.forEach((call, index) => {
    if (call.id !== null) expect(partial.toolCalls[index]?.id).toBe(call.id)
    else expect(partial.toolCalls[index]?.id).toMatch(/./)
  })
  expect(response?.finishReason ?? null).toBe(expected.error === null ? expected.finish : null)
  expect(error === undefined).toBe(expected.error === null)
  if (expected.error === null && expected.usage !== null)
    expect(response?.usage).toMatchObject(inclusive(expected.usage))
  if (expected.error === null && expected.usage === null) expect(response?.usage ?? null).toBeNull()
}

/** Splits bytes into pieces of pseudo-random sizes, the same in every run. */
const pieces = (bytes: Uint8Array, seed: number): ReadonlyArray<Uint8Array> => {
  const reads: Array<Uint8Array> = []
  let random = seed
  for (let at = 0; at < bytes.length; ) {
    random = (random * 1103515245 + 12345) % 2147483648
    const size = 1 + (random % 700)
    reads.push(bytes.slice(at, at + size))
    at += size
  }
  return reads
}

describe("a recorded stream matches its manifest", () => {
  it.each(streams.map((stream) => [stream.id, stream] as const))("%s", (_, stream) => {
    const bytes = new Uint8Array(readFileSync(join(folder, stream.file)))
    const complete = readings[stream.api]?.([bytes])
    if (complete === undefined) throw new Error(`unknown api ${stream.api}; add its protocol to readings`)
    check(complete, stream.expect)
    expect(readings[stream.api]?.(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(complete)
    for (let seed = 1; seed <= 5; seed++) expect(readings[stream.api]?.(pieces(bytes, seed))).toEqual(complete)
  })
})

describe("OpenAI reads the chat completions of every vendor", () => {
  const chats = streams.filter((stream) => stream.api === "openai-chat-completions")
  it.live.each(chats.map((stream) => [stream.id, stream] as const))("%s", ([, stream]) =>
    Effect.gen(function* () {
      const server = yield* serve((response) => sse(response, readFileSync(join(folder, stream.file))).end())
      const client = LLMClient.fromProvider(OpenAI, { model: "any", policies: [] }).pipe(
        Layer.provide(OpenAI.layer({ apiKey: "key", baseUrl: `${server.url}/v1` })),
        Layer.provide(FetchHttpClient.layer)
      )
      const result = yield* Effect.either(Effect.provide(collect(LLMClient.chatStream(hello)), client))
      if (stream.expect.error === null) {
        expect(result).toMatchObject({ right: { content: stream.expect.text, finishReason: stream.expect.finish } })
      } else expect(result._tag).toBe("Left")
    }).pipe(Effect.scoped)
  )
})
