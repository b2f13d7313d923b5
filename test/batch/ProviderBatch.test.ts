/** Batches over real HTTP against the Simulator, through each provider's wire. */
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Layer, Option, Schema, Stream } from "effect"
import { Cost, type LLMError, ModelCatalog } from "llm-connectivity"
import { BatchHandle, type BatchItem, ProviderBatch } from "llm-connectivity/batch"
import { type SimulatedReply, Simulator, type SimulatorOptions } from "llm-connectivity/testing"

interface Wire {
  readonly name: string
  readonly model: string
  readonly api?: "responses"
}

const wires: ReadonlyArray<Wire> = [
  { name: "OpenAI's chat completions", model: "openai/gpt-4o-mini" },
  { name: "OpenAI's Responses", model: "openai/gpt-4o-mini", api: "responses" },
  { name: "Anthropic", model: "anthropic/claude-haiku-4-5" },
  { name: "Google", model: "google/gemini-2.5-flash" }
]

const layerOf = ({ model, api }: Wire, options: SimulatorOptions, store = KeyValueStore.layerMemory) =>
  ProviderBatch.layer({ model, ...(api === undefined ? {} : { api }) }).pipe(
    Layer.provideMerge(Simulator.layerConfig({ pace: 0, ...options })),
    Layer.provideMerge(store),
    Layer.provide(FetchHttpClient.layer)
  )

const itemsOf = (count: number): ReadonlyArray<BatchItem> =>
  Array.from({ length: count }, (_, index) => ({
    id: `item-${index}`,
    request: { messages: [{ role: "user", content: `Question ${index}` }], maxTokens: 50 }
  }))

/** Answers each question with its own words, and refuses some. */
const script =
  (isRefused: (question: string) => boolean = () => false): SimulatorOptions["script"] =>
  ({ body }): SimulatedReply => {
    const [question = ""] = /Question \d+/.exec(JSON.stringify(body)) ?? []
    return isRefused(question) ? { error: "rateLimit" } : { content: `Answer to ${question}` }
  }

const outcome = (result: Either.Either<{ readonly content: string }, LLMError>): string =>
  Either.match(result, {
    onLeft: (error) => ("reason" in error ? `${error._tag} ${error.reason}` : error._tag),
    onRight: ({ content }) => content
  })

const runBatch = (count: number) =>
  Effect.gen(function* () {
    const batches = yield* ProviderBatch
    const handle = yield* batches.submit("nightly", itemsOf(count))
    const results = yield* Stream.runCollect(batches.results(handle, { every: "1 millis" }))
    return { handle, results: Chunk.toReadonlyArray(results) }
  })

const outcomesOf = (wire: Wire, count: number, options: SimulatorOptions) =>
  runBatch(count).pipe(
    Effect.map(({ results }) => results.map(({ id, result }) => [id, outcome(result)] as const)),
    Effect.provide(layerOf(wire, options))
  )

describe.each(wires.map((wire) => [wire.name, wire] as const))("the batches of %s", (_, wire) => {
  it.live("have one response for each request, with its content, usage and half of the price", () =>
    Effect.gen(function* () {
      const { results } = yield* runBatch(5)
      expect(results.map(({ id, result }) => [id, outcome(result)]).sort()).toEqual(
        itemsOf(5).map(({ id }, index) => [id, `Answer to Question ${index}`])
      )
      const [provider = "", model = ""] = wire.model.split("/")
      const info = Option.getOrThrow((yield* ModelCatalog.snapshot).find(provider, model))
      for (const { result } of results) {
        const { usage, cost } = Either.getOrThrow(result)
        expect(usage?.outputTokens).toBeGreaterThan(0)
        expect(cost).toBeGreaterThan(0)
        expect(cost).toBeCloseTo((usage === null ? 0 : (Cost.of(usage, info) ?? 0)) / 2, 12)
      }
    }).pipe(Effect.provide(layerOf(wire, { script: script() })))
  )

  it.live("have one typed result for each of 1,000 requests, whatever the lines are", () =>
    Effect.gen(function* () {
      const traps = { malformedLines: 3, foreignLines: 7, repeatedLines: 20, expired: 100, polls: 2 }
      const outcomes = yield* outcomesOf(wire, 1000, {
        script: script((question) => question.endsWith("7")),
        batches: traps
      })
      expect(new Set(outcomes.map(([id]) => id)).size).toBe(1000)
      expect(outcomes).toHaveLength(1000)
      const counts = new Map<string, number>()
      for (const [id, result] of outcomes) {
        const number = id.replace("item-", "")
        const kind = result === `Answer to Question ${number}` ? "its own answer" : result
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
      }
      // The first three lines are malformed; the batch expired, so those three count as not run.
      expect(Object.fromEntries(counts)).toEqual({
        "its own answer": 900 - 90 - 3,
        "RateLimitError RateLimit": 90,
        "NetworkError Timeout": 100 + 3
      })
    })
  )

  it.live("that are complete but failed in every request have an error for each", () =>
    Effect.gen(function* () {
      const outcomes = yield* outcomesOf(wire, 100, { script: () => ({ error: "contextWindow" }) })
      expect(outcomes.map(([, result]) => result)).toEqual(
        Array.from({ length: 100 }, () => "ContextWindowExceededError")
      )
      expect(new Set(outcomes.map(([id]) => id)).size).toBe(100)
    })
  )

  // Anthropic refuses what is wrong before there is a batch.
  it.live.skipIf(wire.name === "Anthropic")("that were refused as a whole have an error for each request", () =>
    Effect.gen(function* () {
      const outcomes = yield* outcomesOf(wire, 100, { script: script(), batches: { isRefused: true } })
      expect(new Set(outcomes.map(([id]) => id)).size).toBe(100)
      expect(new Set(outcomes.map(([, result]) => result))).toEqual(new Set(["ValidationError"]))
    })
  )

  it.live("say so where a line is malformed", () =>
    Effect.gen(function* () {
      const outcomes = yield* outcomesOf(wire, 100, { script: script(), batches: { malformedLines: 1 } })
      expect(new Set(outcomes.map(([id]) => id)).size).toBe(100)
      expect(outcomes).toHaveLength(100)
      expect(outcomes.filter(([, result]) => result === "NetworkError Truncated").map(([id]) => id)).toEqual(["item-0"])
    })
  )

  it.live("can be cancelled: what was run has its response", () =>
    Effect.gen(function* () {
      const batches = yield* ProviderBatch
      const handle = yield* batches.submit("nightly", itemsOf(4))
      expect((yield* batches.cancel(handle)).state).toMatch(/cancelling|pending|ended/)
      const results = yield* Stream.runCollect(batches.results(handle, { every: "1 millis" }))
      expect(
        Chunk.toReadonlyArray(results)
          .map(({ result }) => outcome(result))
          .sort()
      ).toEqual(["Answer to Question 0", "Answer to Question 1", "ProviderError", "ProviderError"])
      expect((yield* batches.status(handle)).counts).toMatchObject({ total: 4, succeeded: 2, cancelled: 2 })
    }).pipe(Effect.provide(layerOf(wire, { script: script(), batches: { polls: 3 } })))
  )

  it.live("end although a cancellation does nothing", () =>
    Effect.gen(function* () {
      const batches = yield* ProviderBatch
      const handle = yield* batches.submit("nightly", itemsOf(100))
      yield* batches.cancel(handle)
      const results = yield* Stream.runCollect(batches.results(handle, { every: "1 millis" }))
      expect(Chunk.toReadonlyArray(results).every(({ result }) => Either.isRight(result))).toBe(true)
      expect(new Set(Chunk.map(results, ({ id }) => id)).size).toBe(100)
    }).pipe(Effect.provide(layerOf(wire, { script: script(), batches: { ignoresCancel: true } })))
  )

  it.live("are found again by a handle that was stored, and submitted once for one id", () =>
    Effect.gen(function* () {
      const batches = yield* ProviderBatch
      const first = yield* batches.submit("nightly", itemsOf(3))
      const again = yield* batches.submit("nightly", itemsOf(3))
      expect(again).toEqual(first)
      expect(first.parts.map(({ model }) => model)).toEqual([wire.model.split("/")[1]])
      const codec = Schema.parseJson(BatchHandle)
      const stored = yield* Schema.encode(codec)(first)
      expect(stored).not.toContain("Question")
      const { state, counts } = yield* batches.status(yield* Schema.decode(codec)(stored))
      expect([state === "ended", counts.total]).toEqual([false, 3])
      const created = (yield* Simulator.requests).filter(
        ({ method, path }) => method === "POST" && /batches$|batchGenerateContent$/.test(path)
      )
      expect(created).toHaveLength(1)
      const error = yield* Effect.flip(batches.submit("nightly", itemsOf(2)))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining("with other requests") })
    }).pipe(Effect.provide(layerOf(wire, { script: script(), batches: { polls: 2 } })))
  )
})

describe("a batch", () => {
  it.live("is refused before anything is sent, where an id or a request is wrong", () =>
    Effect.gen(function* () {
      const batches = yield* ProviderBatch
      const [item] = itemsOf(1)
      if (item === undefined) return
      const wrong: ReadonlyArray<ReadonlyArray<BatchItem>> = [
        [],
        [item, item],
        [{ ...item, id: "two words" }],
        [{ id: "a", request: { messages: [] } }]
      ]
      const errors = yield* Effect.forEach(wrong, (items) => Effect.flip(batches.submit("wrong", items)))
      expect(errors.map(({ _tag, message }) => `${_tag}: ${message}`)).toEqual([
        "ValidationError: openai: a batch needs at least one item",
        "ValidationError: openai: items[1] has the id of an earlier item; give every item its own",
        'ValidationError: openai: the id of items[0] must have 1 to 64 letters, digits, "-" and "_"; change it',
        expect.stringContaining("ValidationError: item a: ")
      ])
      expect(yield* Simulator.requests).toEqual([])
    }).pipe(Effect.provide(layerOf({ name: "OpenAI", model: "openai/gpt-4o-mini" }, {})))
  )

  it.effect("of a provider that has none says which have them", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.provide(runBatch(1), layerOf({ name: "", model: "groq/x" }, {})))
      expect(error).toMatchObject({
        _tag: "ValidationError",
        message: "groq: it has no batches; use a model of openai, anthropic, google"
      })
    })
  )
})
