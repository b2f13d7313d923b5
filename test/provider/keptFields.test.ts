/** Sources, pauses and warnings in what is stored or relayed: caches, runs, cassettes and events for pages. */
import { FetchHttpClient, HttpServerResponse } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { type ChatResponse, collect, HostedTool, LLMClient, Policy, ResponseCache } from "llm-connectivity"
import { readChunks } from "llm-connectivity/browser"
import { RunStore, Runs } from "llm-connectivity/runs"
import { respondWithEvents } from "llm-connectivity/server"
import { Simulator } from "llm-connectivity/testing"
import { recording, replaying, temporaryCassette } from "../support/cassette.js"
import { asking, protocols } from "../support/contract.js"

const request = { messages: [{ role: "user", content: "Who won?" }], tools: [HostedTool.webSearch()] } as const

const content = "🏆 Ulm won."
const sources = [{ url: "https://example.com/", title: "Sport", range: { start: 3, end: 6 } }]

const reply = { content, sources, finishReason: "other" as const }

const streamed = collect(LLMClient.chatStream(request))

const kept = ({ content, sources, paused }: ChatResponse) => ({ content, sources, paused })

const expected = { content, sources, paused: true }

const anthropic = protocols["anthropic-messages"]

describe("the sources of a response, and that it is paused, are kept", () => {
  it.effect("by a cache", () =>
    Effect.gen(function* () {
      const options = { policies: [yield* Policy.cache({ ttl: "1 minute", scope: "shared" })] }
      yield* LLMClient.chat(request, options)
      const whole = yield* LLMClient.chat(request, options)
      const chunks = yield* collect(LLMClient.chatStream(request, options))
      expect([whole, chunks].map(({ fromCache }) => fromCache)).toEqual([true, true])
      expect([whole, chunks].map(kept)).toEqual([expected, expected])
    }).pipe(asking(anthropic, [reply]), Effect.provide(ResponseCache.memory))
  )

  it.effect("by a run", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(LLMClient.chatStream(request))
      expect(kept(yield* collect(Runs.read(id)))).toEqual(expected)
    }).pipe(asking(anthropic, [reply]), Effect.provide(Layer.provide(Runs.layer(), RunStore.memory)))
  )

  it.scoped.each(["anthropic-messages", "google-gemini"] as const)("by a cassette of %s", (name) =>
    Effect.gen(function* () {
      const path = yield* temporaryCassette
      const simulator = yield* Effect.map(
        Layer.build(Simulator.layer({ pace: 0, script: [reply] })),
        Context.get(Simulator)
      )
      const client = (http: Parameters<typeof anthropic.client>[1]["http"] = FetchHttpClient.layer) =>
        protocols[name].client(simulator, { http })
      yield* Effect.provide(streamed, client(recording(path)))
      const replayed = yield* Effect.provide(streamed, client(Layer.orDie(replaying(path))))
      expect([replayed.content, replayed.sources]).toEqual([content, sources])
    })
  )

  it.effect("by the events for pages", () =>
    Effect.gen(function* () {
      const response = yield* respondWithEvents(LLMClient.chatStream(request))
      const chunks = readChunks(HttpServerResponse.toWeb(response))
      expect(kept(yield* collect(Stream.fromAsyncIterable(chunks, String)))).toEqual(expected)
    }).pipe(Effect.scoped, asking(anthropic, [reply]))
  )
})

describe("the warnings of a response, such as why its schema was sent without strict mode, are kept", () => {
  const openai = protocols["openai-chat"]
  const schema = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false }
  const request = {
    messages: [{ role: "user", content: "Go" }],
    responseFormat: { type: "json", schema }
  } as const
  const warnings = ["the schema was sent without strict mode: its root has the optional property a"]

  it.effect("by a cache", () =>
    Effect.gen(function* () {
      const options = { policies: [yield* Policy.cache({ ttl: "1 minute", scope: "shared" })] }
      const first = yield* LLMClient.chat(request, options)
      const whole = yield* LLMClient.chat(request, options)
      const chunks = yield* collect(LLMClient.chatStream(request, options))
      expect([first, whole, chunks].map(({ fromCache }) => fromCache)).toEqual([undefined, true, true])
      expect([first, whole, chunks].map((response) => response.warnings)).toEqual([warnings, warnings, warnings])
    }).pipe(asking(openai, ["{}"]), Effect.provide(ResponseCache.memory))
  )

  it.effect("by a run", () =>
    Effect.gen(function* () {
      const { id } = yield* Runs.start(LLMClient.chatStream(request))
      expect((yield* collect(Runs.read(id))).warnings).toEqual(warnings)
    }).pipe(asking(openai, ["{}"]), Effect.provide(Layer.provide(Runs.layer(), RunStore.memory)))
  )

  it.effect("by the events for pages", () =>
    Effect.gen(function* () {
      const response = yield* respondWithEvents(LLMClient.chatStream(request))
      const chunks = readChunks(HttpServerResponse.toWeb(response))
      expect((yield* collect(Stream.fromAsyncIterable(chunks, String))).warnings).toEqual(warnings)
    }).pipe(Effect.scoped, asking(openai, ["{}"]))
  )
})
