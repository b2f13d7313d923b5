/** The clients, used as their documentation shows. Each reads the text of one response with default settings. */
import { createOpenAI } from "@ai-sdk/openai"
import Anthropic from "@anthropic-ai/sdk"
import { LanguageModel } from "@effect/ai"
import { OpenAiClient, OpenAiLanguageModel } from "@effect/ai-openai"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { GoogleGenAI } from "@google/genai"
import { streamText } from "ai"
import { Cause, Effect, Exit, Layer, Redacted, Stream } from "effect"
import OpenAI from "openai"
import { LLMClient, OpenAI as OurOpenAI } from "../../dist/index.js"

/**
 * @typedef {object} ReadOptions
 * @property {{ openai: string, anthropic: string, google: string }} baseUrls
 * @property {string} url
 * @property {string} apiKey
 * @property {string} prompt
 * @property {AbortSignal} signal
 * @property {(text: unknown) => void} onText
 *
 * @typedef {object} Reader
 * @property {string} name
 * @property {string} package
 * @property {(options: ReadOptions) => Promise<void>} read Resolves when the response ends, rejects when it fails.
 */

const openai = async ({ baseUrls, apiKey, prompt, signal, onText }) => {
  const client = new OpenAI({ apiKey, baseURL: baseUrls.openai })
  const messages = [{ role: "user", content: prompt }]
  const stream = await client.chat.completions.create({ model: "gpt-4o-mini", messages, stream: true }, { signal })
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) onText(chunk.choices[0].delta.content)
}

const anthropic = async ({ baseUrls, apiKey, prompt, signal, onText }) => {
  const client = new Anthropic({ apiKey, baseURL: baseUrls.anthropic })
  const messages = [{ role: "user", content: prompt }]
  const request = { model: "claude-sonnet-4-5", messages, max_tokens: 1000, stream: true }
  for await (const event of await client.messages.create(request, { signal })) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") onText(event.delta.text)
  }
}

const google = async ({ url, apiKey, prompt, signal, onText }) => {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })
  const request = { model: "gemini-2.5-flash", contents: prompt, config: { abortSignal: signal } }
  for await (const chunk of await client.models.generateContentStream(request)) if (chunk.text) onText(chunk.text)
}

const ai = async ({ baseUrls, apiKey, prompt, signal, onText }) => {
  const model = createOpenAI({ apiKey, baseURL: baseUrls.openai }).chat("gpt-4o-mini")
  const { fullStream } = streamText({ model, prompt, abortSignal: signal, onError: () => {} })
  for await (const part of fullStream) {
    if (part.type === "text-delta" && part.text) onText(part.text)
    if (part.type === "error") throw part.error
    if (part.type === "abort") throw new Error("aborted")
  }
}

/** Runs an effect as a promise that rejects with the failure itself, not with a `FiberFailure`. */
const run = async (effect, signal) => {
  const exit = await Effect.runPromiseExit(effect, { signal })
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
}

const reading = (onText) => (text) => Effect.sync(() => text && onText(text))

const effectAi = ({ baseUrls, apiKey, prompt, signal, onText }) => {
  const client = OpenAiClient.layer({ apiKey: Redacted.make(apiKey), apiUrl: baseUrls.openai })
  const model = OpenAiLanguageModel.layer({ model: "gpt-4o-mini" }).pipe(
    Layer.provide(client),
    Layer.provide(FetchHttpClient.layer)
  )
  const read = Stream.runForEach(LanguageModel.streamText({ prompt }), (part) =>
    reading(onText)(part.type === "text-delta" ? part.delta : "")
  )
  return run(Effect.provide(read, model), signal)
}

const ours = ({ baseUrls, apiKey, prompt, signal, onText }) => {
  const client = LLMClient.fromProvider(OurOpenAI, { model: "gpt-4o-mini" }).pipe(
    Layer.provide(OurOpenAI.layer({ apiKey, baseUrl: baseUrls.openai })),
    Layer.provide(FetchHttpClient.layer)
  )
  const stream = LLMClient.chatStream({ messages: [{ role: "user", content: prompt }] })
  const read = Stream.runForEach(stream, ({ content }) => reading(onText)(content))
  return run(Effect.provide(read, client), signal)
}

/** @type {ReadonlyArray<Reader>} */
export const readers = [
  { name: "llm-connectivity", package: "", read: ours },
  { name: "openai", package: "openai", read: openai },
  { name: "@anthropic-ai/sdk", package: "@anthropic-ai/sdk", read: anthropic },
  { name: "@google/genai", package: "@google/genai", read: google },
  { name: "ai", package: "ai", read: ai },
  { name: "@effect/ai-openai", package: "@effect/ai-openai", read: effectAi }
]
