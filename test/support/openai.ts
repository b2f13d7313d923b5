/** What tests of OpenAI's protocol share: its events, and a client that talks to a test's own server. */
import { readFileSync } from "node:fs"
import { FetchHttpClient } from "@effect/platform"
import { Layer, Redacted } from "effect"
import { type ChatRequest, type FromProviderOptions, LLMClient, OpenAI } from "llm-connectivity"

export const key = "sk-canary-key-0123456789abcdef"

export const hello: ChatRequest = { messages: [{ role: "user", content: "Hello, who are you today?" }] }

/** The client of a server, without retries unless a policy is given. */
export const clientOf = (
  url: string,
  options: Partial<FromProviderOptions> = {},
  http: typeof FetchHttpClient.layer = FetchHttpClient.layer
): Layer.Layer<LLMClient> =>
  LLMClient.fromProvider(OpenAI, { model: "gpt-4o-mini", policies: [], ...options }).pipe(
    Layer.provide(OpenAI.layer({ apiKey: Redacted.make(key), baseUrl: `${url}/v1` })),
    Layer.provide(http),
    Layer.orDie
  )

export const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/openai-chat/${name}.sse`, import.meta.url))

const data = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`

export const event = (delta: unknown, finish_reason: string | null = null): string =>
  data({ object: "chat.completion.chunk", model: "gpt-4o-mini", choices: [{ index: 0, delta, finish_reason }] })

export const say = (content: string): string => event({ content })

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

export const finish = (reason = "stop"): string => event({}, reason)

export const counts = data({ object: "chat.completion.chunk", choices: [], usage })

export const done = "data: [DONE]\n\n"
