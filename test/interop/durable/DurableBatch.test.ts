/** A durable batch on its provider's batches, in memory. `test/stores/durableProviderBatch.test.ts` kills its process. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Chunk, Effect, Either, Fiber, Layer, Logger, LogLevel, Stream } from "effect"
import {
  AuthenticationError,
  LLMClient,
  type LLMError,
  ModelNotFoundError,
  NetworkError,
  OpenAI
} from "llm-connectivity"
import { ProviderBatch } from "llm-connectivity/batch"
import { Durable, DurableBatch } from "llm-connectivity/durable"
import { MockLLM, Simulator, type SimulatorOptions } from "llm-connectivity/testing"
import { finish } from "../../support/toolCalls.js"
import { scriptedProvider } from "./batch/scriptedProvider.js"

type Prompts = ReadonlyArray<DurableBatch.BatchPrompt>

const resultsOf = <R, E>(batch: DurableBatch.DurableBatch<R, E>, prompts: Prompts, id = "night") =>
  Effect.map(Stream.runCollect(batch.run(id, prompts)), Chunk.toReadonlyArray)

const questions = (count: number) => Array.from({ length: count }, (_, index) => `Question ${index}`)

const outcome = (result: Either.Either<{ readonly content: string }, LLMError>): string =>
  Either.match(result, {
    onLeft: (error) => ("reason" in error ? `${error._tag} ${error.reason}` : error._tag),
    onRight: ({ content }) => content
  })

const outcomes = (results: ReadonlyArray<DurableBatch.BatchResult>) =>
  [...results].sort((one, other) => one.index - other.index).map(({ result }) => outcome(result))

const simulated = (model = "openai/gpt-4o-mini") =>
  DurableBatch.make("test", { path: ProviderBatch.layer({ model }), every: "1 millis", maxTokens: 50 })

type Simulated = ReturnType<typeof simulated>

/** Runs a test with a runner in memory and the Simulator, which answers each question with its own words. */
const within = (batch: Simulated, options: SimulatorOptions = {}) =>
  Effect.provide(
    batch.layer.pipe(
      Layer.provideMerge(Durable.memory),
      Layer.provideMerge(
        Simulator.layerConfig({
          pace: 0,
          script: ({ body }) => ({ content: `Answer to ${/Question \d+/.exec(JSON.stringify(body))?.[0]}` }),
          ...options
        })
      ),
      Layer.provide(FetchHttpClient.layer)
    )
  )

const creations = Effect.map(
  Simulator.requests,
  (requests) => requests.filter(({ method, path }) => method === "POST" && path.endsWith("/batches")).length
)

describe("a durable batch on its provider's batches", () => {
  it.live("has one result for each prompt, with its progress and its cost at half the price", () => {
    const batch = simulated()
    return Effect.gen(function* () {
      expect((yield* batch.status("night")).state).toBe("unknown")
      const results = yield* resultsOf(batch, questions(120))
      expect(outcomes(results)).toEqual(questions(120).map((question) => `Answer to ${question}`))
      expect(results.map(({ completed }) => completed)).toEqual(results.map((_, index) => index + 1))
      const costs = results.map(({ result }) => Either.getOrThrow(result).cost ?? 0)
      const [usage] = results.map(({ result }) => Either.getOrThrow(result).usage)
      // $0.15 and $0.60 per million tokens.
      expect(costs[0]).toBeCloseTo(((usage?.inputTokens ?? 0) * 0.15 + (usage?.outputTokens ?? 0) * 0.6) / 2e6, 12)
      expect(results.at(-1)).toMatchObject({ total: 120, completed: 120 })
      expect(results.at(-1)?.cost).toBeCloseTo(
        costs.reduce((sum, cost) => sum + cost, 0),
        12
      )
      expect(yield* resultsOf(batch, questions(120))).toEqual(results)
      expect(yield* creations).toBe(1)
    }).pipe(within(batch))
  })

  it.live("fails other prompts of the same id, and sends nothing", () => {
    const batch = simulated()
    return Effect.gen(function* () {
      const first = yield* resultsOf(batch, questions(2))
      expect(outcomes(yield* resultsOf(batch, questions(3)))).toEqual(questions(3).map(() => "ValidationError"))
      expect(yield* resultsOf(batch, questions(2))).toEqual(first)
      expect(yield* creations).toBe(1)
    }).pipe(within(batch))
  })

  it.live("has a typed result for prompts that failed or expired", () => {
    const batch = simulated("anthropic/claude-haiku-4-5")
    const script: SimulatorOptions["script"] = ({ body }) =>
      JSON.stringify(body).includes("Question 1") ? { error: "contextWindow" } : { content: "An answer" }
    return Effect.gen(function* () {
      expect(outcomes(yield* resultsOf(batch, questions(4)))).toEqual([
        "An answer",
        "ContextWindowExceededError",
        "An answer",
        "NetworkError Timeout"
      ])
    }).pipe(within(batch, { script, batches: { expired: 1 } }))
  })

  it.live("has the error of a submission that was rejected for each prompt", () => {
    const batch = simulated()
    return Effect.gen(function* () {
      const wrong = [{ messages: [], model: "gpt-4o-mini" }, "Question 1"]
      expect(outcomes(yield* resultsOf(batch, wrong))).toEqual(["ValidationError", "ValidationError"])
      expect(yield* batch.status("night")).toEqual({ state: "ended", handle: undefined })
      expect(yield* creations).toBe(0)
    }).pipe(within(batch))
  })

  it.live("is split by the models of its prompts, and found again by its handle", () => {
    const batch = simulated()
    return Effect.gen(function* () {
      const prompts = ["Question 0", { model: "gpt-4o", messages: [{ role: "user", content: "Question 1" }] }] as const
      const results = yield* resultsOf(batch, [...prompts, "Question 2"])
      expect(outcomes(results)).toEqual(["Answer to Question 0", "Answer to Question 1", "Answer to Question 2"])
      const { state, handle } = yield* batch.status("night")
      expect(state).toBe("ended")
      expect(handle?.parts.map(({ model, ids }) => [model, ids.length])).toEqual([
        ["gpt-4o-mini", 2],
        ["gpt-4o", 1]
      ])
      expect(yield* creations).toBe(2)
    }).pipe(within(batch))
  })

  it.live("is submitted again after it was cleared", () => {
    const batch = simulated()
    return Effect.gen(function* () {
      yield* resultsOf(batch, questions(2))
      yield* batch.clear("night", questions(2))
      expect(outcomes(yield* resultsOf(batch, questions(2)))).toEqual(["Answer to Question 0", "Answer to Question 1"])
      expect(yield* creations).toBe(2)
    }).pipe(within(batch))
  })

  it.live("goes on through outages, with a new key, and through cuts of its downloads, and repeats no result", () => {
    const failure = { provider: "test", model: "", message: "not now" }
    const outage = new NetworkError({ ...failure, reason: "Connection" })
    const wrongKey = new AuthenticationError(failure)
    const cuts = [
      [110, outage],
      [40, wrongKey]
    ] as const
    const provider = scriptedProvider({ outages: [outage, wrongKey], cuts })
    const batch = DurableBatch.make("test", { path: provider.layer, every: "1 millis" })
    return Effect.gen(function* () {
      const results = yield* resultsOf(batch, questions(120))
      expect(outcomes(results)).toEqual(questions(120).map((_, index) => `Answer ${index}`))
      expect(results).toHaveLength(120)
      expect(results.at(-1)?.cost).toBe(60)
      expect([provider.asked.length, provider.calls]).toEqual([3, { submissions: 1, downloads: 3 }])
    }).pipe(Effect.provide(Layer.provideMerge(batch.layer, Durable.memory)), Logger.withMinimumLogLevel(LogLevel.None))
  })

  it.live("has the error of a batch that the provider does not know for each prompt", () => {
    const gone = new ModelNotFoundError({ provider: "test", model: "", message: "there is no such batch" })
    const provider = scriptedProvider({ outages: [gone] })
    const batch = DurableBatch.make("test", { path: provider.layer })
    return Effect.gen(function* () {
      expect(outcomes(yield* resultsOf(batch, questions(3)))).toEqual(questions(3).map(() => "ModelNotFoundError"))
    }).pipe(Effect.provide(Layer.provideMerge(batch.layer, Durable.memory)))
  })

  it.live("says that it waits for its provider, and goes on without its reader", () => {
    let isEnded = false
    const provider = scriptedProvider({ isEnded: () => isEnded })
    const batch = DurableBatch.make("test", { path: provider.layer, every: "10 millis" })
    const stateIs = (state: string) =>
      Effect.repeat(Effect.delay(batch.status("night"), "5 millis"), { until: (status) => status.state === state })
    return Effect.gen(function* () {
      const reader = yield* Effect.fork(resultsOf(batch, questions(3)))
      expect((yield* stateIs("waiting")).handle?.parts).toHaveLength(1)
      yield* Fiber.interrupt(reader)
      isEnded = true
      yield* stateIs("ended")
      expect(outcomes(yield* resultsOf(batch, questions(3)))).toEqual(["Answer 0", "Answer 1", "Answer 2"])
      expect(provider.calls).toEqual({ submissions: 1, downloads: 1 })
    }).pipe(Effect.provide(Layer.provideMerge(batch.layer, Durable.memory)))
  })
})

it.live("a durable batch of calls has the costs so far, and asks the model that a prompt names", () => {
  const batch = DurableBatch.make("test", { concurrency: 1 })
  const other = { model: "other", messages: [{ role: "user", content: "Question 1" }] } as const
  return Effect.gen(function* () {
    const results = yield* resultsOf(batch, ["Question 0", other])
    expect(results.map(({ completed, cost }) => [completed, cost])).toEqual([
      [1, 0.01],
      [2, 0.03]
    ])
    expect(yield* resultsOf(batch, ["Question 0", other])).toHaveLength(2)
    expect((yield* MockLLM.requests).map(({ model }) => model)).toEqual(["mock", "other"])
  }).pipe(
    Effect.provide(Layer.provideMerge(batch.layer, Durable.memory)),
    Effect.provide(
      MockLLM.layer([
        ["One", { ...finish(1, 0.01), finishReason: "stop" }],
        ["Two", { ...finish(1, 0.02), finishReason: "stop" }]
      ])
    )
  )
})

it.live(
  "a durable batch of calls makes the attempts of its own retries only, whatever the client's policies retry",
  () => {
    const batch = DurableBatch.make("test", { retries: 1 })
    const cut = new NetworkError({ provider: "openai", model: "mock", message: "cut", reason: "Connection" })
    // With the default policy, which retries.
    const client = LLMClient.fromProvider(OpenAI, { model: "mock" })
    return Effect.gen(function* () {
      expect(outcomes(yield* resultsOf(batch, ["Question 0"]))).toEqual(["NetworkError Connection"])
      expect(yield* MockLLM.requests).toHaveLength(2)
    }).pipe(
      Effect.provide(Layer.provideMerge(batch.layer, Durable.memory)),
      Effect.provide(
        Layer.provideMerge(
          client,
          MockLLM.provider(OpenAI, () => cut)
        )
      )
    )
  }
)

it.live("a durable batch of calls is answered again as another version, and not as the same one", () => {
  const [old, same, changed] = [
    DurableBatch.make("test"),
    DurableBatch.make("test", { version: 1 }),
    DurableBatch.make("test", { version: 2 })
  ]
  return Effect.gen(function* () {
    const results = yield* Effect.forEach([old, same, changed], (batch) => resultsOf(batch, ["Question 0"]))
    expect(results.flatMap(outcomes)).toEqual(["Old", "Old", "New"])
  }).pipe(
    Effect.provide(Layer.provideMerge(Layer.merge(old.layer, changed.layer), Durable.memory)),
    Effect.provide(MockLLM.layer(["Old", "New"]))
  )
})
