/** This library as shipped: default policy and timeouts, every event validated, over the Fetch, Undici or Node client. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { Anthropic, Google, LLMClient, OpenAI } from "../../dist/index.js"

// Imported separately, so that none includes the import time and memory of another.
const clients = {
  fetch: async () => (await import("@effect/platform/FetchHttpClient")).layer,
  undici: async () => (await import("@effect/platform-node/NodeHttpClient")).layerUndici,
  node: async () => (await import("@effect/platform-node/NodeHttpClient")).layer
}

const providers = {
  chat: (origin) => [OpenAI, OpenAI.layer({ apiKey: "key", baseUrl: `${origin}/v1` })],
  responses: (origin) => [OpenAI, OpenAI.layer({ apiKey: "key", baseUrl: `${origin}/v1`, api: "responses" })],
  anthropic: (origin) => [Anthropic, Anthropic.layer({ apiKey: "key", baseUrl: origin })],
  gemini: (origin) => [Google, Google.layer({ apiKey: "key", baseUrl: `${origin}/v1beta` })]
}

/** @returns {Promise<import("./index.mjs").ReadResponse>} */
export const open = async (origin, wire, variant) => {
  const [provider, layer] = providers[wire](origin)
  const runtime = ManagedRuntime.make(
    LLMClient.fromProvider(provider, { model: "none" }).pipe(
      Layer.provide(layer),
      Layer.provide(await clients[variant]())
    )
  )
  return (plan, onDelta) =>
    runtime.runPromise(
      Stream.runForEachChunk(
        LLMClient.chatStream({ model: plan, messages: [{ role: "user", content: "Hi" }] }),
        (chunks) => {
          for (const chunk of chunks) if (chunk.content) onDelta()
          return Effect.void
        }
      )
    )
}
