/** Policies act on embeddings as on chats. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Schedule, TestClock } from "effect"
import {
  AuthenticationError,
  Breakers,
  type Embeddings,
  type EmbedRequest,
  LLMClient,
  type LLMError,
  Policy,
  Provider,
  ProviderError,
  RateLimitError
} from "llm-connectivity"

const at = { provider: "first", model: "small", message: "…" }
const limited = new RateLimitError({ ...at, reason: "RateLimit" })

type BatchLimits = Pick<Embeddings, "maxBatchSize" | "maxBatchTokens">

/** Limits that only one of two short texts fits. */
const oneText: ReadonlyArray<BatchLimits> = [{ maxBatchSize: 1 }, { maxBatchSize: 2, maxBatchTokens: 5 }]

class First extends Context.Tag("test/First")<First, Provider>() {}

/** A provider that embeds, after the given failures. */
const embedding = (
  name: string,
  failures: ReadonlyArray<LLMError>,
  seen: Array<EmbedRequest>,
  limits: BatchLimits = { maxBatchSize: 2 }
): Provider =>
  Provider.make({
    name,
    open: () => Effect.fail(new ProviderError({ ...at, message: "no chats" })),
    embeddings: {
      ...limits,
      embed: (request) =>
        Effect.suspend(() => {
          const failure = failures[seen.push(request) - 1]
          const embeddings = Array.from(request.input, () => [seen.length])
          const response = { embeddings, usage: null, cost: null, provider: name, model: request.model ?? "" }
          return failure === undefined ? Effect.succeed(response) : Effect.fail(failure)
        })
    }
  })

/** Embeds through a policy, and says what each provider was sent. */
const embed = (
  policies: (second: Provider) => ReadonlyArray<Policy.AnyPolicy>,
  failures: ReadonlyArray<LLMError>,
  input: EmbedRequest["input"] = ["one", "two"]
) =>
  Effect.gen(function* () {
    const seen: ReadonlyArray<Array<EmbedRequest>> = [[], []]
    const [first = [], second = []] = seen
    const layer = LLMClient.fromProvider(First, {
      model: "small",
      policies: policies(embedding("second", [], second))
    }).pipe(Layer.provide(Layer.succeed(First, embedding("first", failures, first))))
    const fiber = yield* LLMClient.embed({ input }, { concurrency: 1 }).pipe(
      Effect.either,
      Effect.provide(layer),
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    return { result: yield* Fiber.join(fiber), first, second }
  })

describe("retry", () => {
  const retry = Policy.retry({ rateLimit: Schedule.recurs(2) })

  it.effect("retries embeddings after a transient failure", () =>
    Effect.gen(function* () {
      const { result, first } = yield* embed(() => [retry], [limited, limited])
      expect(result).toMatchObject({ _tag: "Right", right: { provider: "first", embeddings: [[3], [3]] } })
      expect(first).toHaveLength(3)
    })
  )

  it.effect("retries the failed batch alone", () =>
    Effect.gen(function* () {
      const { result, first } = yield* embed(() => [retry], [limited], ["a", "b", "c"])
      expect(result._tag).toBe("Right")
      expect(first.map(({ input }) => input)).toEqual([["a", "b"], ["a", "b"], ["c"]])
    })
  )

  it.effect("counts the requests of embeddings that still fail", () =>
    Effect.gen(function* () {
      const { result } = yield* embed(() => [retry], [limited, limited, limited])
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "RateLimitError", attempts: 3 } })
    })
  )

  it.effect("does not retry what no retry can help", () =>
    Effect.gen(function* () {
      const { result, first } = yield* embed(() => [retry], [new AuthenticationError(at)])
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "AuthenticationError", attempts: 1 } })
      expect(first).toHaveLength(1)
    })
  )

  it.effect("refills its budget when embeddings succeed", () =>
    Effect.gen(function* () {
      const budget = yield* Policy.retryBudget({ capacity: 1, refill: 1 })
      const limitedBudget = Policy.retry({ rateLimit: Schedule.recurs(2), budget })
      const failed = yield* embed(() => [limitedBudget], [limited, limited])
      expect(failed.first).toHaveLength(2)
      yield* embed(() => [limitedBudget], [])
      const succeeded = yield* embed(() => [limitedBudget], [limited])
      expect(succeeded.result._tag).toBe("Right")
    })
  )
})

describe("fallback", () => {
  it.effect("sends embeddings to the embedding model of another provider", () =>
    Effect.gen(function* () {
      const fallback = (second: Provider) => [
        Policy.fallback({ provider: second, model: "chat" }, { embeddingModel: "e" })
      ]
      const { result, second } = yield* embed(fallback, [limited])
      expect(result).toMatchObject({ _tag: "Right", right: { provider: "second", model: "e" } })
      expect(second).toEqual([{ input: ["one", "two"], model: "e" }])
    })
  )

  it.effect("does not mix vectors of two models: without an embedding model, embeddings fail", () =>
    Effect.gen(function* () {
      const { result, second } = yield* embed(
        (other) => [Policy.fallback({ provider: other, model: "chat" })],
        [limited]
      )
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "RateLimitError", attempts: 1 } })
      expect(second).toEqual([])
    })
  )

  it.effect("does not fall back after a failure that it does not name", () =>
    Effect.gen(function* () {
      const fallback = (second: Provider) => [
        Policy.fallback({ provider: second }, { embeddingModel: "e", on: ["NetworkError"] })
      ]
      const { result, second } = yield* embed(fallback, [limited])
      expect(result._tag).toBe("Left")
      expect(second).toEqual([])
    })
  )

  it.effect.each(oneText)("sends batches that the second provider can take too: %j", (limits) =>
    Effect.gen(function* () {
      const seen: Array<EmbedRequest> = []
      const fallback = Policy.fallback({ provider: embedding("second", [], seen, limits) }, { embeddingModel: "e" })
      const { result, first } = yield* embed(() => [fallback], [limited])
      expect(result).toMatchObject({ _tag: "Right", right: { embeddings: [[1], [2]] } })
      expect([...first, ...seen].map(({ input }) => input)).toEqual([["one"], ["two"], ["one"]])
    })
  )

  it.effect("reports the embedding model to which it falls back, and nothing where it does not", () =>
    Effect.gen(function* () {
      const span = yield* Effect.makeSpan("test")
      const events: Array<unknown> = []
      const observer = { span, onEvent: (event: { readonly type: string }) => void events.push(event) }
      const first = () => embedding("first", [limited], [])
      const target = { provider: embedding("second", [], []), model: "chat" }
      const ask = (policy: Policy.Policy) =>
        Effect.exit(policy(first()).embeddings?.embed({ input: "one", model: "small" }, { observer }) ?? Effect.void)
      yield* ask(yield* Policy.fallback(target))
      expect(events).toEqual([])
      yield* ask(yield* Policy.fallback(target, { embeddingModel: "e" }))
      expect(events).toMatchObject([{ type: "fallback", to: { provider: "second", model: "e" } }])
    })
  )

  it.effect("counts the requests to both providers when neither embeds", () =>
    Effect.gen(function* () {
      const other = embedding("second", [limited], [])
      const fallback = Policy.fallback({ provider: other }, { embeddingModel: "e" })
      const { result } = yield* embed(() => [fallback], [limited])
      expect(result).toMatchObject({ _tag: "Left", left: { _tag: "RateLimitError", attempts: 2 } })
    })
  )
})

describe("load balancing", () => {
  it.effect.each(oneText)("sends batches that every target can take: %j", (limits) =>
    Effect.gen(function* () {
      const seen: Array<EmbedRequest> = []
      const balanced = Policy.loadBalance([{ name: "small", provider: embedding("second", [], seen, limits) }])
      const layer = LLMClient.fromProvider(First, { model: "small", policies: [balanced] }).pipe(
        Layer.provide(Layer.succeed(First, embedding("first", [], []))),
        Layer.provide(Breakers.memory)
      )
      yield* Effect.provide(LLMClient.embed({ input: ["one", "two"] }, { concurrency: 1 }), layer)
      expect(seen.map(({ input }) => input)).toEqual([["one"], ["two"]])
    })
  )
})
