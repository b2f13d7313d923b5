/** Clients that send one chat each time they are called. */
import { createOpenAI } from "@ai-sdk/openai"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { generateText } from "ai"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import OpenAI from "openai"
import { LLMClient, OpenAI as OurOpenAI, Policy, PolicyState } from "../../dist/index.js"

globalThis.AI_SDK_LOG_WARNINGS = false

const model = "gpt-4o-mini"
const messages = [{ role: "user", content: "Hi" }]

const ours = (options) => (baseUrl) => {
  const runtime = ManagedRuntime.make(
    LLMClient.fromProvider(OurOpenAI, { model, ...options }).pipe(
      Layer.provide([OurOpenAI.layer({ apiKey: "key", baseUrl }), PolicyState.memory]),
      Layer.provide(NodeHttpClient.layerUndici)
    )
  )
  return { call: () => runtime.runPromise(LLMClient.chat({ messages })), close: () => runtime.dispose() }
}

const openai = (options) => (baseURL) => {
  const client = new OpenAI({ apiKey: "key", baseURL, ...options })
  return { call: () => client.chat.completions.create({ model, messages }), close: () => {} }
}

const ai = (options) => (baseURL) => {
  const chat = createOpenAI({ apiKey: "key", baseURL }).chat(model)
  return { call: () => generateText({ model: chat, prompt: "Hi", ...options }), close: () => {} }
}

/** 240 requests in any second: 200 a second beside a burst of 40. */
const limit = Policy.rateLimit({ requests: 240, burst: 40 / 240, per: "1 second", maxWait: "1 minute" })

const peers = [
  { name: "`openai`", open: openai({}) },
  { name: "`openai`, `maxRetries: 10`", open: openai({ maxRetries: 10 }) },
  { name: "`ai`", open: ai({}) },
  { name: "`ai`, `maxRetries: 10`", open: ai({ maxRetries: 10 }) }
]

const byDefault = { name: "this library", open: ours({}) }

/** Who meets the rate limit. */
export const limited = [byDefault, { name: "… with `Policy.rateLimit`", open: ours({ limits: [limit] }) }, ...peers]

/** Who meets the outage. */
export const failing = [
  byDefault,
  { name: "… with `Policy.circuitBreaker`", open: ours({ limits: [Policy.circuitBreaker()] }) },
  ...peers
]
