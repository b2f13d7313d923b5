/** This library as shipped: default policy and timeouts, every event validated, over one of four HTTP clients. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { Anthropic, collect, Google, LLMClient, OpenAI, onToken, toAsyncIterable } from "../../dist/index.js"

// Imported separately, so that none includes the import time and memory of another.
const clients = {
  fetch: async () => (await import("@effect/platform/FetchHttpClient")).layer,
  undici: async () => (await import("@effect/platform-node/NodeHttpClient")).layerUndici,
  node: async () => (await import("@effect/platform-node/NodeHttpClient")).layer,
  direct: async () => (await import("../../dist/interop/node/index.js")).DirectHttpClient.layer
}

const providers = {
  chat: (origin) => [OpenAI, OpenAI.layer({ apiKey: "key", baseUrl: `${origin}/v1` })],
  responses: (origin) => [OpenAI, OpenAI.layer({ apiKey: "key", baseUrl: `${origin}/v1`, api: "responses" })],
  anthropic: (origin) => [Anthropic, Anthropic.layer({ apiKey: "key", baseUrl: origin })],
  gemini: (origin) => [Google, Google.layer({ apiKey: "key", baseUrl: `${origin}/v1beta` })]
}

const isText = (chunk) => chunk.content !== ""

/** The ways to read a response; `chunks` is that of all measures but the one that compares them. */
const readers = {
  chunks: (stream, onDelta) =>
    Stream.runForEachChunk(stream, (chunks) => {
      for (const chunk of chunks) if (isText(chunk)) onDelta()
      return Effect.void
    }),
  each: (stream, onDelta) =>
    Stream.runForEach(stream, (chunk) => {
      if (isText(chunk)) onDelta()
      return Effect.void
    }),
  collect: (stream, onDelta) => collect(onToken(stream, () => void onDelta())),
  iterable: (stream, onDelta) =>
    Effect.flatMap(Effect.runtime(), (runtime) =>
      Effect.promise(async () => {
        for await (const chunk of toAsyncIterable(stream, runtime)) if (isText(chunk)) onDelta()
      })
    )
}

/** @returns {Promise<import("./index.mjs").ReadResponse>} */
export const open = async (origin, wire, variant) => {
  const [client, reader = "chunks", set] = variant.split(" ")
  const [provider, layer] = providers[wire](origin)
  // Policies are loaded where they are measured.
  const { policySets = {}, policyState = Layer.empty } = set === undefined ? {} : await import("./policies.mjs")
  const runtime = ManagedRuntime.make(
    LLMClient.fromProvider(provider, { model: "none", ...policySets[set] }).pipe(
      Layer.provide(layer),
      Layer.provide(await clients[client]()),
      Layer.provide(policyState)
    )
  )
  return (plan, onDelta) =>
    runtime.runPromise(
      readers[reader](LLMClient.chatStream({ model: plan, messages: [{ role: "user", content: "Hi" }] }), onDelta)
    )
}
