import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Option } from "effect"
import { Cost, ModelCatalog, type ModelInfo, TokenCounter, type Usage } from "llm-connectivity"
import { fromDollars, priceAt, toDollars } from "../../src/catalog/price.js"
import { models } from "../../src/catalog/snapshot.js"
import * as UsageModule from "../../src/domain/Usage.js"

const catalog = ModelCatalog.make(models)
const usage = UsageModule.make

const costOf = (provider: string, model: string, counts: UsageModule.Counts, requestedModel?: string): number | null =>
  Cost.dollarsOf(catalog, { provider, model, requestedModel }, usage(counts))

describe("the cost of a usage", () => {
  // Counts from recorded streams, with their cost calculated by hand: tokens × dollars per million tokens.
  it.each([
    // 36 × 2.5 + 54 × 10 = 630
    ["openai", "gpt-4o-2024-08-06", { inputTokens: 36, outputTokens: 54 }, 0.00063],
    // 32 × 1.25 + 7 × 10 + 832 × 10 (reasoning, at the price of output) = 8430
    ["openai", "gpt-5-2025-08-07", { inputTokens: 32, outputTokens: 839, reasoningTokens: 832 }, 0.00843],
    // 609 × 0.25 + 48 × 2 = 248.25
    ["openai", "gpt-5-mini-2025-08-07", { inputTokens: 609, outputTokens: 48 }, 0.00024825],
    // 16 × 0.1 + 300 × 0.4 = 121.6
    ["openai", "gpt-4.1-nano-2025-04-14", { inputTokens: 16, outputTokens: 300 }, 0.0001216],
    // 2,081 × 3 + 28,247 × 0.3 + 7,621 × 3.75 + 574 × 15 = 6243 + 8474.1 + 28578.75 + 8610 = 51905.85
    [
      "anthropic",
      "claude-sonnet-4-20250514",
      { inputTokens: 37_949, outputTokens: 574, cacheReadTokens: 28_247, cacheWriteTokens: 7_621 },
      0.05190585
    ],
    // 1,595 × 3 + 143 × 15 = 4785 + 2145 = 6930
    ["anthropic", "claude-sonnet-4-6", { inputTokens: 1_595, outputTokens: 143 }, 0.00693],
    // 672 × 1 + 39 × 5 = 867
    ["anthropic", "claude-haiku-4-5-20251001", { inputTokens: 672, outputTokens: 39 }, 0.000867],
    // 85 × 1.5 + 162 × 9 = 127.5 + 1458 = 1585.5
    ["google", "gemini-3.5-flash", { inputTokens: 85, outputTokens: 162, reasoningTokens: 127 }, 0.0015855],
    // 29 × 2 + 819 × 12 = 58 + 9828 = 9886
    ["google", "gemini-3-pro-preview", { inputTokens: 29, outputTokens: 819, reasoningTokens: 804 }, 0.009886],
    // 304 × 0.15 + 49 × 0.6 = 45.6 + 29.4 = 75
    ["groq", "openai/gpt-oss-120b", { inputTokens: 304, outputTokens: 49, reasoningTokens: 23 }, 0.000075],
    // 13 × 0.14 + 400 × 0.28 = 1.82 + 112 = 113.82
    ["deepseek", "deepseek-chat", { inputTokens: 13, outputTokens: 400 }, 0.00011382],
    // 13 × 0.15 + 8 × 0.6 = 1.95 + 4.8 = 6.75
    ["mistral", "mistral-small-latest", { inputTokens: 13, outputTokens: 8 }, 0.00000675],
    // 1 × 1.25 + 290 × 0.2 + 222 × 2.5 = 1.25 + 58 + 555 = 614.25
    [
      "xai",
      "grok-4.3",
      { inputTokens: 291, outputTokens: 222, cacheReadTokens: 290, reasoningTokens: 196 },
      0.00061425
    ],
    // 900 × 1.25 + 100 × 0.13 + 10 × 3.75 = 1125 + 13 + 37.5 = 1175.5
    ["together", "Qwen/Qwen3.7-Max", { inputTokens: 1_000, outputTokens: 10, cacheReadTokens: 100 }, 0.0011755],
    // 200 × 0.95 + 800 × 0.16 + 10 × 4 = 190 + 128 + 40 = 358
    [
      "fireworks",
      "accounts/fireworks/models/kimi-k2p6",
      { inputTokens: 1_000, outputTokens: 10, cacheReadTokens: 800 },
      0.000358
    ],
    // 1,000 × 0.35 + 10 × 0.75 = 357.5
    ["cerebras", "gpt-oss-120b", { inputTokens: 1_000, outputTokens: 10 }, 0.0003575]
  ] satisfies ReadonlyArray<readonly [string, string, UsageModule.Counts, number]>)(
    "is what the price list says: %s/%s",
    (provider, model, counts, dollars) => {
      expect(costOf(provider, model, counts)).toBe(dollars)
    }
  )

  it("is not the price of gpt-4o for gpt-4o-mini, although one name contains the other", () => {
    const counts = { inputTokens: 1_000_000, outputTokens: 1_000_000 }
    expect(costOf("openai", "gpt-4o", counts)).toBe(12.5)
    expect(costOf("openai", "gpt-4o-mini", counts)).toBe(0.75)
    expect(costOf("openai", "gpt-4o-mini-2024-07-18", counts)).toBe(0.75)
    const onlyLarge = ModelCatalog.make(models.filter((info) => info.model === "gpt-4o"))
    expect(Cost.dollarsOf(onlyLarge, { provider: "openai", model: "gpt-4o-mini" }, usage(counts))).toBeNull()
  })

  it("is null for an unknown model, an unknown provider, and a model without prices", () => {
    const counts = { inputTokens: 10, outputTokens: 10 }
    expect(costOf("openai", "gpt-7", counts)).toBeNull()
    expect(costOf("perplexity", "sonar", counts)).toBeNull()
    expect(costOf("xai", "grok-3-mini", counts)).toBeNull()
    expect(costOf("groq", "whisper-large-v3", counts)).toBeNull()
    expect(Cost.of(usage(counts), undefined)).toBeNull()
  })

  it("is null where the provider's counts contradict each other or are not counts", () => {
    const info = Option.getOrUndefined(catalog.find("openai", "gpt-4o"))
    for (const counts of [
      { inputTokens: 10, outputTokens: 1, cacheReadTokens: 11 },
      { inputTokens: 10, outputTokens: 1, cacheReadTokens: 6, cacheWriteTokens: 6 },
      { inputTokens: 10, outputTokens: 1, reasoningTokens: 2 },
      { inputTokens: -1, outputTokens: 1 },
      { inputTokens: 1.5, outputTokens: 1 },
      { inputTokens: Number.NaN, outputTokens: 1 }
    ]) {
      expect(Cost.of(usage(counts), info)).toBeNull()
    }
  })

  it("prices all tokens at a tier once the prompt is longer than its threshold", () => {
    // 200,000 × 1.25 + 1,000 × 10 = 260,000; 200,001 × 2.5 + 1,000 × 15 = 515,002.5; cached: 100,001 × 2.5 + 100,000 × 0.25
    expect(costOf("google", "gemini-2.5-pro", { inputTokens: 200_000, outputTokens: 1_000 })).toBe(0.26)
    expect(costOf("google", "gemini-2.5-pro", { inputTokens: 200_001, outputTokens: 1_000 })).toBe(0.5150025)
    expect(
      costOf("google", "gemini-2.5-pro", { inputTokens: 200_001, outputTokens: 0, cacheReadTokens: 100_000 })
    ).toBe(0.2750025)
    // 272,001 × 5 + 10 × 22.5 = 1,360,230
    expect(costOf("openai", "gpt-5.4", { inputTokens: 272_001, outputTokens: 10 })).toBe(1.36023)
    const tiers: ModelInfo = {
      provider: "x",
      model: "y",
      prices: {
        input: 1,
        output: 0,
        cacheRead: 0.5,
        tiers: [
          { above: 100, input: 3, output: 0 },
          { above: 10, input: 2, output: 0 }
        ]
      }
    }
    const at = (inputTokens: number, cacheReadTokens = 0) =>
      Cost.of(usage({ inputTokens, outputTokens: 0, cacheReadTokens }), tiers)
    expect([at(10), at(11), at(100), at(101)]).toEqual([0.00001, 0.000022, 0.0002, 0.000303])
    // A tier without a price for cached tokens uses its own input price, not a lower tier's cache price.
    expect(at(11, 11)).toBe(0.000022)
  })

  it("uses the input price for cached tokens without a listed price, and prices one-hour cache writes separately", () => {
    // 1,000 × 30
    expect(costOf("openai", "gpt-4", { inputTokens: 1_000, outputTokens: 0, cacheReadTokens: 1_000 })).toBe(0.03)
    // 100 × 5 + 300 × 6.25 + 600 × 10 = 500 + 1875 + 6000 = 8375
    const counts = { inputTokens: 1_000, outputTokens: 0, cacheWriteTokens: 900, cacheWriteHourTokens: 600 }
    expect(costOf("anthropic", "claude-opus-4-5", counts)).toBe(0.008375)
    // GPT-4 has no listed price for one-hour cache writes.
    expect(costOf("openai", "gpt-4", counts)).toBeNull()
  })

  it("is the price of the requested model where the provider only added a date that is not listed", () => {
    const counts = { inputTokens: 1_000_000, outputTokens: 0 }
    expect(costOf("openai", "gpt-5.5-2027-01-01", counts, "gpt-5.5")).toBe(10)
    expect(costOf("openai", "gpt-5.5-2027-01-01", counts)).toBeNull()
    expect(costOf("openai", "gpt-5.5-mini-2027-01-01", counts, "gpt-5.5")).toBeNull()
    expect(costOf("openai", "gpt-5.5-turbo", counts, "gpt-5.5")).toBeNull()
    // A dated model that is listed has its own price.
    expect(costOf("openai", "gpt-4o-2024-05-13", counts, "gpt-4o")).toBe(5)
  })
})

const tokens = FastCheck.integer({ min: 0, max: 10_000_000 })
const counts = FastCheck.tuple(tokens, tokens, tokens, tokens, tokens).map(
  ([fresh, read, written, answer, reasoning]) =>
    usage({
      inputTokens: fresh + read + written,
      outputTokens: answer + reasoning,
      cacheReadTokens: read,
      cacheWriteTokens: written,
      reasoningTokens: reasoning
    })
)
const price = FastCheck.integer({ min: 0, max: 200_000_000 }).map((millionths) => millionths / 1e6)
const priced = FastCheck.tuple(price, price, price, price, price).map(
  ([input, output, cacheRead, cacheWrite, reasoning]): ModelInfo => ({
    provider: "x",
    model: "y",
    prices: { input, output, cacheRead, cacheWrite, reasoning }
  })
)

const add = (a: Usage, b: Usage): Usage =>
  usage({
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens
  })

describe("priceOf", () => {
  it("is the exact form of dollarsOf, in 10⁻¹⁵ dollars", () => {
    const answering = { provider: "openai", model: "gpt-4o-mini" }
    const counted = usage({ inputTokens: 3, outputTokens: 7 })
    // 3 × 0.15 + 7 × 0.6 = 4.65 dollars per million
    expect(Cost.priceOf(catalog, answering, counted)).toBe(4_650_000_000n)
    expect(Cost.dollarsOf(catalog, answering, counted)).toBe(0.00000465)
    expect(Cost.priceOf(catalog, { ...answering, model: "gpt-7" }, counted)).toBeNull()
  })
})

describe("sums of money", () => {
  it.prop(
    "are exact: the cost of two usages together is the sum of their costs",
    [counts, counts, priced],
    ([a, b, info]) => {
      const [left, right, together] = [priceAt(info, a), priceAt(info, b), priceAt(info, add(a, b))]
      expect(left).not.toBeNull()
      expect((left ?? 0n) + (right ?? 0n)).toBe(together)
    }
  )

  it.prop("are rounded once, to the number nearest to the exact sum", [counts, priced], ([each, info]) => {
    const { input, output, cacheRead, cacheWrite, reasoning } = info.prices ?? { input: 0, output: 0 }
    const scaled = (value = 0) => BigInt(Math.round(value * 1e6))
    const fresh = each.inputTokens - each.cacheReadTokens - each.cacheWriteTokens
    const exact =
      BigInt(fresh) * scaled(input) +
      BigInt(each.cacheReadTokens) * scaled(cacheRead) +
      BigInt(each.cacheWriteTokens) * scaled(cacheWrite) +
      BigInt(each.outputTokens - each.reasoningTokens) * scaled(output) +
      BigInt(each.reasoningTokens) * scaled(reasoning)
    const digits = exact.toString().padStart(13, "0")
    expect(Cost.of(each, info)).toBe(Number(`${digits.slice(0, -12)}.${digits.slice(-12)}`))
  })

  it("lose nothing over many small responses, unlike sums of floating-point numbers", () => {
    const info = Option.getOrUndefined(catalog.find("openai", "gpt-4o-mini"))
    const small = priceAt(info, usage({ inputTokens: 1, outputTokens: 0 })) ?? 0n
    let exact = 0n
    let rounded = 0
    for (let index = 0; index < 100_000; index++) {
      exact += small
      rounded += toDollars(small)
    }
    expect(toDollars(exact)).toBe(0.015)
    expect(rounded).not.toBe(0.015)
    expect(toDollars(fromDollars(12.345678901))).toBe(12.345678901)
  })
})

describe("an estimate", () => {
  const counter = { ...TokenCounter.approximate, count: () => Effect.succeed({ tokens: 1000, isExact: true }) }
  const request = { messages: [{ role: "user" as const, content: "Hello" }] }
  const estimate = (model: string, rest: { readonly maxTokens?: number; readonly model?: string } = {}) =>
    Cost.estimate({ ...request, ...rest }, model).pipe(
      Effect.provideService(TokenCounter, counter),
      Effect.provideService(ModelCatalog, catalog)
    )

  it.effect("ranges from the prompt alone to the longest allowed answer", () =>
    Effect.gen(function* () {
      // 1,000 × 0.15 and 200 × 0.6; the model itself allows 16,384 × 0.6 = 9830.4
      const prompt = { tokens: 1000, isExact: true }
      expect(yield* estimate("openai/gpt-4o-mini", { maxTokens: 200 })).toEqual({
        prompt,
        least: 0.00015,
        most: 0.00027
      })
      expect(yield* estimate("openai/gpt-4o-mini")).toEqual({ prompt, least: 0.00015, most: 0.0099804 })
      expect(yield* estimate("openai/gpt-4o-mini", { model: "gpt-4o", maxTokens: 1 })).toMatchObject({ least: 0.0025 })
      expect(yield* estimate("ollama/qwen3", { maxTokens: 200 })).toEqual({ prompt, least: null, most: null })
      expect(yield* estimate("groq/openai/gpt-oss-120b", { maxTokens: 1 })).toMatchObject({ least: 0.00015 })
    })
  )
})
