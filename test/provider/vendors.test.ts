/** How the requests of each OpenAI-compatible vendor differ, by its documentation; responses are read the same way. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Either, Stream } from "effect"
import type { ChatRequest, LLMError, Provider } from "llm-connectivity"
import { providerNames } from "../../src/provider/registry.js"
import { openNamed } from "../support/capture.js"
import { asOpenAI, type Feature, features, messages, rows } from "../support/vendors.js"

const isFeature = (name: string): name is Feature => name in features

it("the table has a row for each vendor", () => {
  expect(["openai", "anthropic", "google", ...Object.keys(rows).sort()]).toEqual(providerNames)
})

describe.each(Object.entries(rows))("%s", (name, row) => {
  const [firstKey = ""] = row.keys
  const elsewhere = { [row.variable]: "https://proxy.example/v2/" }
  const stream =
    (request: ChatRequest) =>
    ({ chatStream }: Provider) =>
      Stream.runDrain(chatStream({ ...request, model: "m" }))

  it.effect.each(row.keys)("uses the address of its variable, with the key of %s", (variable) =>
    Effect.gen(function* () {
      const ask = yield* openNamed(name, { ...elsewhere, [variable]: "secret-key" })
      const { sent } = yield* ask(stream({ messages, maxTokens: 50 }))
      expect(sent?.url).toBe("https://proxy.example/v2/chat/completions")
      expect(sent?.headers).toMatchObject(
        row.keyHeader === undefined ? { authorization: "Bearer secret-key" } : { [row.keyHeader]: "secret-key" }
      )
      expect(sent?.body).toEqual({
        model: "m",
        messages,
        stream: true,
        ...(row.usage === "unasked" ? {} : { stream_options: { include_usage: true } }),
        [row.maxTokens ?? "max_tokens"]: 50
      })
    })
  )

  it.effect("uses its default address without the variable, or fails when it has none", () =>
    Effect.gen(function* () {
      const opened = yield* Effect.either(openNamed(name, { [firstKey]: "secret-key" }))
      if (Either.isLeft(opened)) {
        expect(row.baseUrl).toBe("")
        expect(opened.left).toMatchObject({ _tag: "ValidationError", provider: name })
        expect(String(opened.left)).toContain(row.variable)
      } else {
        const { sent } = yield* opened.right(stream({ messages }))
        expect(sent?.url).toBe(`${row.baseUrl}/chat/completions`)
      }
    })
  )

  it.effect("encodes each feature in the vendor's form, or rejects it before sending", () =>
    Effect.gen(function* () {
      const ask = yield* openNamed(name, { ...elsewhere, [firstKey]: "secret-key" })
      for (const feature of Object.keys(features).filter(isFeature)) {
        const refusal = row.refuses[feature]?.replace("VENDOR", name)
        const { result, sent } = yield* ask(stream(features[feature]))
        if (refusal === undefined) {
          expect(sent?.body, feature).toMatchObject(row.sends?.[feature] ?? asOpenAI[feature] ?? {})
        } else {
          const left = { _tag: "ValidationError", provider: name, message: `${name}: ${refusal}` }
          expect([result, sent], feature).toMatchObject([{ left }, undefined])
        }
      }
    })
  )

  it.effect("has embeddings only if the vendor documents them", () =>
    Effect.gen(function* () {
      const ask = yield* openNamed(name, { ...elsewhere, [firstKey]: "secret-key" })
      const { result, sent } = yield* ask(
        ({ embeddings }): Effect.Effect<unknown, LLMError> =>
          embeddings === undefined
            ? Effect.succeed("none")
            : embeddings.embed({ model: "m", input: ["a"], dimensions: 4 })
      )
      if (!row.embeds) return expect(result).toMatchObject({ right: "none" })
      expect(sent?.url).toBe("https://proxy.example/v2/embeddings")
      expect(sent?.body).toMatchObject({ model: "m", input: ["a"], dimensions: 4 })
    })
  )
})
