import { describe, expect, it } from "@effect/vitest"
import { Effect, FastCheck, Stream } from "effect"
import * as o200k from "gpt-tokenizer/encoding/o200k_base"
import { type ChatRequest, StreamChunk, TokenCounter } from "llm-connectivity"
import { countText, RunningCount } from "../../src/catalog/countTokens.js"
import { estimateTokens } from "../../src/catalog/estimateTokens.js"
import { make as makeUsage } from "../../src/domain/Usage.js"
import { common, foreign } from "../support/texts.js"

const offBy = (text: string): number => Math.abs(countText(text, estimateTokens) / o200k.countTokens(text) - 1)

describe("the estimate", () => {
  it.each(Object.keys(common))("is within 10 %% of OpenAI's encoding: %s", (name) => {
    expect(offBy(common[name] ?? "")).toBeLessThan(0.1)
  })

  it.each(Object.keys(foreign))("is within 25 %% of it, unlike characters / 4: %s", (name) => {
    expect(offBy(foreign[name] ?? "")).toBeLessThan(0.25)
  })

  it("is more accurate than characters / 4 on average", () => {
    const texts = Object.values({ ...common, ...foreign })
    const mean = (off: (text: string) => number) => texts.reduce((sum, text) => sum + off(text), 0) / texts.length
    const byQuarter = mean((text) => Math.abs(text.length / 4 / o200k.countTokens(text) - 1))
    expect(mean(offBy)).toBeLessThan(0.08)
    expect(byQuarter).toBeGreaterThan(0.25)
  })

  it.prop("is positive for any text and 0 for an empty text", [FastCheck.fullUnicodeString()], ([text]) => {
    const tokens = countText(text, estimateTokens)
    expect(Number.isSafeInteger(tokens)).toBe(true)
    expect(tokens > 0).toBe(text !== "")
    expect(tokens).toBeLessThanOrEqual(2 * text.length)
  })

  it.effect("needs no layer, never fails and is never marked exact", () =>
    Effect.gen(function* () {
      expect(yield* TokenCounter.count("The ship was quiet.", "openai/gpt-4o")).toEqual({
        tokens: 5,
        isExact: false
      })
      expect(yield* TokenCounter.count("", "any/model")).toEqual({ tokens: 0, isExact: false })
    })
  )

  it.effect("includes the framing, tools and non-text parts of a request", () =>
    Effect.gen(function* () {
      const count = (request: ChatRequest) =>
        Effect.map(TokenCounter.count(request, "openai/gpt-4o"), (counted) => counted.tokens)
      const said: ChatRequest = { messages: [{ role: "user", content: "The ship was quiet." }] }
      // 5, and 4 for the message and 3 for the reply
      expect(yield* count(said)).toBe(12)
      expect(yield* count({ messages: [{ role: "system", content: "" }, ...said.messages] })).toBe(16)
      const tool = { name: "look", description: "Looks out of the window", parameters: { type: "object" } }
      expect(yield* count({ ...said, tools: [tool] })).toBeGreaterThan(20)
      const image = { type: "image" as const, url: "https://example.com/boat.png" }
      expect(yield* count({ messages: [{ role: "user", content: [image] }] })).toBe(1007)
      const call = { id: "c", name: "look", arguments: '{"where":"harbour"}' }
      expect(
        yield* count({ messages: [{ role: "assistant", content: [{ type: "tool-call", ...call }] }] })
      ).toBeGreaterThan(12)
    })
  )
})

describe("a running count", () => {
  const pieces = FastCheck.array(
    FastCheck.oneof(
      FastCheck.constantFrom(
        "it's",
        "'s",
        "don’t",
        "IT'S",
        " the",
        "Harbour",
        "\n",
        "\r\n",
        " \n ",
        "  ",
        "\t",
        ".",
        "),",
        "--",
        "//",
        "12",
        "3456",
        "é",
        "e\u0301",
        "文",
        "，",
        "かな",
        "한국",
        "привет",
        "🎉",
        "👩‍👧",
        "\u0903",
        " ",
        "x_y",
        "camelCase",
        "ABCdef",
        "'",
        "ll"
      ),
      FastCheck.string({ maxLength: 6 }),
      FastCheck.fullUnicodeString({ maxLength: 4 })
    ),
    { maxLength: 60 }
  )

  it.prop("by an encoding equals the count of the complete text, however it is split", [pieces], ([texts]) => {
    const count = new RunningCount(o200k.countTokens, true)
    const whole = texts.join("")
    let counted = { tokens: 0, isExact: true }
    for (const text of texts) counted = count.add(text)
    expect(counted).toEqual({ tokens: o200k.countTokens(whole), isExact: true })
  })

  it.prop("decreases by at most the tokens of the last word", [pieces], ([texts]) => {
    const count = new RunningCount(estimateTokens, false)
    let before = 0
    for (const text of texts) {
      const { tokens } = count.add(text)
      expect(tokens).toBeGreaterThanOrEqual(before - 12)
      before = tokens
    }
  })

  /** How many characters an encoder reads while a text of so many words arrives word by word. */
  const charactersRead = (words: number, word: (index: number) => string): number => {
    let read = 0
    const count = new RunningCount((text) => {
      read += text.length
      return o200k.countTokens(text)
    }, true)
    for (let index = 0; index < words; index++) count.add(word(index))
    return read
  }

  it("of 100,000 tokens reads each character twice, regardless of the length of the text", () => {
    const word = (index: number) => [" harbour", " was", " quiet", ",", " and"][index % 5] ?? ""
    const [short, long] = [charactersRead(1_000, word), charactersRead(100_000, word)]
    expect(long / short).toBeGreaterThan(99)
    expect(long / short).toBeLessThan(101)
    expect(long).toBeLessThan(2.5 * 100_000 * 4.6)
  })

  it("of a text without whitespace stays linear and is then marked inexact", () => {
    const read = charactersRead(20_000, () => "=-")
    expect(read).toBeLessThan(20_000 * 2 * 300)
    const count = new RunningCount(o200k.countTokens, true)
    const exact = o200k.countTokens("=".repeat(5_000))
    const { tokens, isExact } = count.add("=".repeat(5_000))
    expect(isExact).toBe(false)
    expect(Math.abs(tokens / exact - 1)).toBeLessThan(0.1)
  })
})

describe("counting a stream", () => {
  const answer = (...chunks: ReadonlyArray<Partial<StreamChunk>>) =>
    Stream.fromIterable(chunks.map((chunk) => StreamChunk.make(chunk)))
  const counts = <E>(stream: Stream.Stream<StreamChunk, E>) =>
    stream.pipe(
      TokenCounter.counting("openai/gpt-4o"),
      Stream.map((chunk) => chunk.counted),
      Stream.runCollect,
      Effect.map((all) => Array.from(all))
    )

  it.effect("adds the running count to every chunk, and the provider's count to the last", () =>
    Effect.gen(function* () {
      const usage = makeUsage({ inputTokens: 9, outputTokens: 4 })
      const counted = yield* counts(
        answer({ content: "The sh" }, { content: "ip was" }, { content: " quiet." }, { finishReason: "stop", usage })
      )
      expect(counted).toEqual([
        { tokens: 2, isExact: false },
        { tokens: 3, isExact: false },
        { tokens: 5, isExact: false },
        { tokens: 4, isExact: true }
      ])
    })
  )

  it.effect("includes reasoning and tool calls, and starts at zero for each run", () =>
    Effect.gen(function* () {
      const stream = answer(
        { reasoning: "hmm" },
        { toolCalls: [{ index: 0, id: "c", name: "look", arguments: "" }] },
        { toolCalls: [{ index: 0, arguments: "{}" }] },
        { finishReason: "tool_calls" }
      )
      expect((yield* counts(stream)).map((counted) => counted.tokens)).toEqual([1, 2, 3, 3])
      expect((yield* counts(stream)).map((counted) => counted.tokens)).toEqual([1, 2, 3, 3])
    })
  )
})
