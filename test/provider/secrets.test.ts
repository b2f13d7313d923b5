/** Errors contain no key of any provider of the client, and nothing of what was sent. */
import { inspect } from "node:util"
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer, Schema } from "effect"
import {
  Anthropic,
  AuthenticationError,
  type ChatRequest,
  Google,
  LLMClient,
  type LLMError,
  OpenAI,
  Policy,
  Provider
} from "llm-connectivity"
import { hello } from "../support/openai.js"
import { type Handler, json, serve } from "../support/server.js"

const firstKey = "sk-proj-Kq3vT8mZx1Lw9RbYd5HcNf7Jg2"
const secondKey = "sk-ant-api03-Wz6Ub4Xo0Pe8StQi2LkVn5Ma"

/** OpenAI with Anthropic as its fallback, both on one server. */
const withFallback = (handler: Handler, policies: ReadonlyArray<Policy.Policy> = []) =>
  Effect.gen(function* () {
    const server = yield* serve(handler)
    const openai = yield* Effect.map(
      Layer.build(OpenAI.layer({ apiKey: firstKey, baseUrl: server.url })),
      Context.get(OpenAI)
    )
    const anthropic = yield* Effect.map(
      Layer.build(Anthropic.layer({ apiKey: secondKey, baseUrl: server.url })),
      Context.get(Anthropic)
    )
    const fallback = yield* Policy.fallback({ provider: anthropic, model: "claude" })
    return { openai, provider: Policy.compose(...policies, fallback)(openai) }
  }).pipe(Effect.provide(FetchHttpClient.layer))

const request = { ...hello, model: "gpt" }
const failing = (response: Parameters<Handler>[0], message: string) => json(response, 401, { error: { message } })

describe("the error of a provider in a client with several", () => {
  it.scoped("contains no key of the first provider when the fallback echoes it", () =>
    Effect.gen(function* () {
      const { provider } = yield* withFallback((response, { url }) =>
        failing(response, url.includes("messages") ? `no account for ${firstKey.slice(8)}` : "no")
      )
      const error = yield* Effect.flip(provider.chat(request))
      expect(error).toMatchObject({ _tag: "AuthenticationError", provider: "anthropic" })
      expect(error.message).toContain("no account for […]")
    })
  )

  it.scoped("contains no key of a fallback that was not used yet", () =>
    Effect.gen(function* () {
      const { openai } = yield* withFallback(() => {})
      const { provider } = yield* withFallback((response) => json(response, 400, `unknown ${btoa(secondKey)}`))
      const error = yield* Effect.flip(provider.chat(request))
      expect(error).toMatchObject({ _tag: "ValidationError", provider: "openai" })
      expect(error.message).toContain("unknown […]")
      expect(openai.name).toBe("openai")
    })
  )

  it.scoped("contains no key that an earlier call was signed with", () =>
    Effect.gen(function* () {
      let signed = 0
      const keys = ["first-rotating-0123456789", "second-rotating-9876543210"]
      const server = yield* serve((response) => failing(response, `expired: ${keys[0]}`))
      const apiKey = Effect.sync(() => keys[Math.min(signed++, 1)] ?? "")
      const layer = LLMClient.fromProvider(OpenAI, { model: "gpt", policies: [] }).pipe(
        Layer.provide(OpenAI.layer({ apiKey, baseUrl: server.url })),
        Layer.provide(FetchHttpClient.layer)
      )
      const errors = yield* Effect.provide(
        Effect.all([Effect.flip(LLMClient.chat(hello)), Effect.flip(LLMClient.chat(hello))]),
        layer
      )
      expect(signed).toBe(2)
      for (const { message } of errors) expect(message).toContain("expired: […]")
    })
  )

  it.scoped("contains no key under a policy that is made outside, over providers made outside", () =>
    Effect.gen(function* () {
      const { openai, provider: both } = yield* withFallback((response) => failing(response, `key ${firstKey}`))
      const { provider: other } = yield* withFallback((response) => failing(response, `key ${firstKey}`))
      const either = Policy.make(({ open }) => ({
        open: (asked, options) => Effect.orElse(open(asked, options), () => other.open(asked, options))
      }))
      const provider = Provider.make({ name: "own", open: (asked, options) => either(openai).open(asked, options) })
      for (const subject of [either(both), provider]) {
        expect((yield* Effect.flip(subject.chat(request))).message).toContain("key […]")
      }
    })
  )

  it.scoped("is made by a provider that shows no key when it is printed", () =>
    Effect.gen(function* () {
      const { provider, openai } = yield* withFallback(() => {})
      for (const each of [provider, openai]) {
        const printed = inspect(each, { depth: null, showHidden: true }) + JSON.stringify(each)
        expect(printed).not.toMatch(/Kq3vT8mZ|Wz6Ub4Xo/)
      }
    })
  )
})

const texts = {
  message: "canary message: under the third oak",
  toolName: "canary_tool_name",
  toolDescription: "canary description: opens the vault",
  schemaDescription: "canary field: the number of the vault",
  enumValue: "canary-enum-north-tower",
  property: "canaryPropertyName",
  format: "canary format: the shape of the answer",
  stop: "canary-stop",
  option: "canary-option-of-the-provider",
  user: "canary-user-77"
}

const everything: ChatRequest = {
  model: "model",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: texts.message }
  ],
  tools: [
    {
      name: texts.toolName,
      description: texts.toolDescription,
      parameters: {
        type: "object",
        properties: {
          [texts.property]: { type: "string", description: texts.schemaDescription, enum: [texts.enumValue] }
        }
      }
    }
  ],
  responseFormat: {
    type: "json",
    schema: Schema.Struct({ shape: Schema.String.annotations({ description: texts.format }) })
  },
  stop: [texts.stop],
  providerOptions: Object.fromEntries(
    ["openai", "anthropic", "google"].map((name) => [name, { metadata: { deep: [texts.option] }, user: texts.user }])
  )
}

const layers = {
  OpenAI: (url: string) =>
    Effect.map(Layer.build(OpenAI.layer({ apiKey: firstKey, baseUrl: url })), Context.get(OpenAI)),
  Anthropic: (url: string) =>
    Effect.map(Layer.build(Anthropic.layer({ apiKey: firstKey, baseUrl: url })), Context.get(Anthropic)),
  Google: (url: string) =>
    Effect.map(Layer.build(Google.layer({ apiKey: firstKey, baseUrl: url })), Context.get(Google))
}

describe("the error of a request", () => {
  it.scoped.each(Object.entries(layers))("repeats nothing that was sent: %s", ([, layer]) =>
    Effect.gen(function* () {
      const echoes = Object.values(texts).flatMap((text) => [text, JSON.stringify({ text })])
      let index = 0
      const sent: Array<string> = []
      const server = yield* serve((response, { body }) => {
        sent.push(body)
        json(response, 400, { error: { message: `cannot read ${echoes[index++]} here` } })
      })
      const provider = yield* Effect.provide(layer(server.url), FetchHttpClient.layer)
      const errors = yield* Effect.forEach(echoes, () => Effect.flip(provider.chat(everything)))
      for (const text of Object.values(texts)) expect(sent[0]).toContain(text)
      for (const { message } of errors) {
        expect(message).toMatch(/cannot read .*\[…\].* here/)
        expect(message).not.toContain("canary")
      }
    })
  )

  it.scoped("may say the words of the protocol, which requests contain too", () =>
    Effect.gen(function* () {
      const sentence = 'schema must be of type: "object", got "string"; roles alternate between user and assistant'
      const server = yield* serve((response) => json(response, 400, { error: { message: sentence } }))
      const provider = yield* Effect.provide(layers.OpenAI(server.url), FetchHttpClient.layer)
      expect((yield* Effect.flip(provider.chat(everything))).message).toContain(sentence)
    })
  )

  it.scoped("repeats no text or option of an embedding", () =>
    Effect.gen(function* () {
      const input = "canary text that is embedded"
      const server = yield* serve((response) =>
        json(response, 400, { error: { message: `bad ${input}, ${texts.user}` } })
      )
      const { embeddings } = yield* Effect.provide(layers.OpenAI(server.url), FetchHttpClient.layer)
      const asked = { model: "m", input, providerOptions: { openai: { user: texts.user } } }
      const failed: LLMError | undefined = embeddings && (yield* Effect.flip(embeddings.embed(asked)))
      expect(failed?.message).toContain("bad […], […]")
    })
  )

  it.scoped("masks an echo of what is nested deep in the request", () =>
    Effect.gen(function* () {
      let deep: unknown = "canary-deep-inside"
      for (let level = 0; level < 200; level++) deep = [deep]
      const server = yield* serve((response) => json(response, 400, { error: { message: "no canary-deep-inside" } }))
      const provider = yield* Effect.provide(layers.OpenAI(server.url), FetchHttpClient.layer)
      const error = yield* Effect.flip(provider.chat({ ...request, providerOptions: { openai: { deep } } }))
      expect(error).not.toBeInstanceOf(AuthenticationError)
      expect(error.message).toContain("no […]")
    })
  )
})
