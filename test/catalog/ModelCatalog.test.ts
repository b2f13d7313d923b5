import { describe, expect, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ModelCatalog, type ModelCatalogService, type ModelInfo } from "llm-connectivity"
import * as snapshot from "../../src/catalog/snapshot.js"

const priceOf = (catalog: ModelCatalogService, provider: string, model: string): number | undefined =>
  Option.getOrUndefined(catalog.find(provider, model))?.prices?.input

describe("the catalog that comes with the library", () => {
  it.effect("returns prices, limits and capabilities of a model by provider and id", () =>
    Effect.gen(function* () {
      const facts = Option.getOrThrow(yield* ModelCatalog.find("openai", "gpt-4o-mini"))
      expect(facts).toMatchObject({
        prices: { input: 0.15, output: 0.6, cacheRead: 0.075 },
        limits: { context: 128_000, output: 16_384 },
        capabilities: ["tools", "structuredOutput", "temperature"],
        inputModalities: ["text", "image", "pdf"]
      })
    }).pipe(Effect.provide(ModelCatalog.layer))
  )

  it.effect("never matches a model whose name merely contains the requested name", () =>
    Effect.gen(function* () {
      const catalog = yield* ModelCatalog.snapshot
      expect(priceOf(catalog, "openai", "gpt-4o")).toBe(2.5)
      expect(priceOf(catalog, "openai", "gpt-4o-mini")).toBe(0.15)
      for (const almost of [
        "gpt-4o-",
        "gpt-4o-min",
        "gpt-4o-mini2",
        "GPT-4o",
        " gpt-4o",
        "my-gpt-4o",
        "gpt-4o-ultra"
      ]) {
        expect(catalog.find("openai", almost)).toEqual(Option.none())
      }
      expect(catalog.find("azure", "gpt-4o")).toEqual(Option.none())
      expect(catalog.find("openai", "toString")).toEqual(Option.none())
    })
  )

  it.effect("distinguishes every pair of models of which one id is a prefix of the other", () =>
    Effect.gen(function* () {
      const catalog = yield* ModelCatalog.snapshot
      for (const facts of catalog.models) {
        expect(catalog.find(facts.provider, facts.model)).toEqual(Option.some(facts))
        expect(catalog.find(facts.provider, `${facts.model}-x`)).toEqual(Option.none())
        expect(
          catalog.find(facts.provider, facts.model.slice(0, -1)).pipe(Option.map((other) => other.model))
        ).not.toEqual(Option.some(facts.model))
      }
    })
  )

  it.effect("lists the known dated ids and no others", () =>
    Effect.gen(function* () {
      const catalog = yield* ModelCatalog.snapshot
      expect(priceOf(catalog, "openai", "gpt-4o-mini-2024-07-18")).toBe(0.15)
      expect(priceOf(catalog, "openai", "gpt-4o-2024-05-13")).toBe(5)
      expect(priceOf(catalog, "openai", "o3-mini-2025-01-31")).toBe(1.1)
      expect(priceOf(catalog, "anthropic", "claude-sonnet-4-5-20250929")).toBe(3)
      expect(priceOf(catalog, "google", "models/gemini-2.5-pro")).toBe(1.25)
      expect(catalog.find("openai", "gpt-4o-mini-2099-01-01")).toEqual(Option.none())
    })
  )

  it.effect("has the date of its data", () =>
    Effect.gen(function* () {
      expect((yield* ModelCatalog.snapshot).date).toMatch(/^\d{4}-\d\d-\d\d$/)
    })
  )

  it("has unique ids and aliases", () => {
    const names = snapshot.models.flatMap((facts) =>
      [facts.model, ...(facts.aliases ?? [])].map((name) => `${facts.provider}/${name}`)
    )
    expect(new Set(names).size).toBe(names.length)
  })

  it("has prices that are exact in the units in which they are summed", () => {
    const prices = snapshot.models.flatMap((facts) => (facts.prices === undefined ? [] : [facts.prices]))
    const lists = prices.flatMap(({ tiers = [], ...base }) => [base, ...tiers])
    const numbers = lists.flatMap((list) => Object.values(list))
    expect(numbers.length).toBeGreaterThan(400)
    expect(numbers.filter((price) => Math.round(price * 1e9) / 1e9 !== price || price < 0)).toEqual([])
  })
})

describe("a custom catalog", () => {
  const mine: ModelInfo = { provider: "ollama", model: "qwen3", prices: { input: 0, output: 0 } }
  const dearer: ModelInfo = { provider: "openai", model: "gpt-4o", prices: { input: 3, output: 12 } }

  it.effect("contains only the given models, or takes precedence over the library's", () =>
    Effect.gen(function* () {
      const prices = Effect.map(ModelCatalog, (catalog) => [
        priceOf(catalog, "ollama", "qwen3"),
        priceOf(catalog, "openai", "gpt-4o"),
        priceOf(catalog, "openai", "gpt-4o-mini")
      ])
      expect(yield* Effect.provide(prices, ModelCatalog.layerOf([mine, dearer]))).toEqual([0, 3, undefined])
      expect(yield* Effect.provide(prices, ModelCatalog.layerWith([mine, dearer]))).toEqual([0, 3, 0.15])
    })
  )

  it("prefers an id to an alias, and the later of two models", () => {
    const aliased: ModelInfo = { ...mine, model: "new", aliases: ["qwen3"] }
    expect(
      priceOf(ModelCatalog.make([aliased, dearer, { ...dearer, prices: { input: 4, output: 1 } }]), "openai", "gpt-4o")
    ).toBe(4)
    expect(Option.map(ModelCatalog.make([mine, aliased]).find("ollama", "qwen3"), (facts) => facts.model)).toEqual(
      Option.some("qwen3")
    )
  })
})
