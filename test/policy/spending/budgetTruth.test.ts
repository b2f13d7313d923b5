/** A budget is a promise: usage that is wrong, missing or told under another name never makes a request free. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schedule, Stream, TestClock } from "effect"
import {
  type ChatRequest,
  LLMClient,
  ModelCatalog,
  type ModelInfo,
  NetworkError,
  OpenAI,
  type Origin,
  Policy,
  Provider,
  RateLimitError,
  RateLimits,
  Spending,
  type SpendingOptions,
  TokenCounter,
  type Usage,
  type ValidationError
} from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"

/** A response of 60 tokens to a prompt of 10 costs $0.006. */
const catalog: ReadonlyArray<ModelInfo> = [
  { provider: "openai", model: "gpt", prices: { input: 0, output: 100 } },
  { provider: "openai", model: "small", prices: { input: 0, output: 100 } }
]

const counter = { ...TokenCounter.approximate, count: () => Effect.succeed({ tokens: 10, isExact: true }) }
const request: ChatRequest = { messages: [{ role: "user", content: "Hello" }], maxTokens: 60 }

const usage = (change: Partial<Usage>): Usage => ({
  inputTokens: 10,
  outputTokens: 60,
  totalTokens: 70,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  ...change
})

const sixtyTokens = "word ".repeat(60)

const reply = (reported: Usage | null, model = "gpt") => [
  sixtyTokens,
  { finishReason: "stop" as const, usage: reported, origin: { provider: "openai", model } }
]

const within =
  (
    responses: MockResponses,
    {
      budget = { total: 0.01 },
      ...options
    }: SpendingOptions & {
      readonly model?: string
      readonly policies?: ReadonlyArray<Policy.AnyPolicy<ValidationError>>
      readonly limits?: ReadonlyArray<Policy.AnyPolicy<ValidationError>>
    } = {}
  ) =>
  <A, E>(effect: Effect.Effect<A, E, LLMClient | Spending | MockLLM>) =>
    effect.pipe(
      Effect.provide(
        LLMClient.fromProvider(OpenAI, {
          model: options.model ?? "gpt",
          guards: [Spending.policy],
          policies: options.policies ?? [],
          limits: options.limits ?? []
        }).pipe(Layer.provideMerge(MockLLM.provider(OpenAI, responses)))
      ),
      Effect.provide(Spending.layer({ budget })),
      Effect.provide(ModelCatalog.layerOf(catalog)),
      Effect.provideService(TokenCounter, counter)
    )

const sixty = Effect.forEach(Array.from({ length: 60 }), () => Effect.exit(LLMClient.chat(request)))

describe("a budget of $0.01 for responses of $0.006", () => {
  it.effect.each<readonly [string, MockResponses]>([
    ["more cached than input tokens", () => reply(usage({ cacheReadTokens: 500 }))],
    ["more reasoning than output tokens", () => reply(usage({ outputTokens: 20, reasoningTokens: 60 }))],
    ["negative counts", () => reply(usage({ inputTokens: -10, outputTokens: -60 }))],
    ["fractional counts", () => reply(usage({ outputTokens: 59.5 }))],
    ["counts that are not numbers", () => reply(usage({ outputTokens: Number.NaN }))],
    ["counts of zero", () => reply(usage({ inputTokens: 0, outputTokens: 0, totalTokens: 0 }))],
    ["no counts", () => reply(null)],
    ["an unknown name of the answering model", () => reply(usage({}), "another-name")]
  ])("lets at most two requests through when the provider reports %s", ([, responses]) =>
    Effect.gen(function* () {
      const exits = yield* sixty
      expect(exits.filter(Exit.isSuccess).length).toBeLessThanOrEqual(2)
      const sent = (yield* MockLLM.requests).length
      expect(sent).toBeGreaterThan(0)
      expect(sent).toBeLessThanOrEqual(2)
      expect((yield* Spending.spent).total.dollars).toBeGreaterThan(0.0039)
    }).pipe(within(responses))
  )

  it.effect("books what was reserved when a whole response is left before it arrives", () =>
    Effect.gen(function* () {
      for (let sent = 0; sent < 60; sent++) {
        const fiber = yield* Effect.fork(LLMClient.chat(request))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(fiber)
      }
      expect((yield* MockLLM.requests).length).toBeLessThanOrEqual(2)
    }).pipe(within(() => [{ pause: "1 minute" }]))
  )

  /** Sends a request, and leaves a second later. */
  const leave = Effect.gen(function* () {
    const fiber = yield* Effect.fork(LLMClient.chat(request))
    yield* TestClock.adjust("1 second")
    yield* Fiber.interrupt(fiber)
  })

  const limited = new RateLimitError({ provider: "openai", model: "gpt", reason: "RateLimit", message: "…" })
  const timedOut = new NetworkError({ provider: "openai", model: "gpt", reason: "Timeout", message: "…" })
  const later = Policy.retry({ rateLimit: Schedule.spaced("1 hour"), network: Schedule.spaced("1 hour") })

  it.effect("books nothing for callers who leave while they wait to repeat a rejected request", () =>
    Effect.gen(function* () {
      yield* Effect.repeatN(leave, 9)
      expect(yield* MockLLM.requests).toHaveLength(10)
      expect((yield* Spending.spent).total.dollars).toBe(0)
    }).pipe(within(() => limited, { policies: [later] }))
  )

  it.effect("books what was reserved for one who leaves while it waits to repeat a request that timed out", () =>
    Effect.gen(function* () {
      yield* leave
      expect((yield* Spending.spent).total.dollars).toBe(0.006)
    }).pipe(within(() => timedOut, { policies: [later] }))
  )

  it.effect.each([
    ["concurrency", Policy.concurrency({ requests: 1, maxWait: "2 hours" })],
    [
      "a rate",
      Policy.rateLimit({ requests: 1, per: "1 hour", maxWait: "2 hours" }).pipe(Effect.provide(RateLimits.memory))
    ]
  ] as const)("books nothing for callers who leave while they wait for a limit of %s", ([, limit]) =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(LLMClient.chat({ ...request, maxTokens: 10 }))
      yield* Effect.repeatN(leave, 9)
      expect(yield* MockLLM.requests).toHaveLength(1)
      yield* Fiber.interrupt(first)
      expect((yield* Spending.spent).total.dollars).toBe(0.001)
    }).pipe(within(() => [{ pause: "1 hour" }, "Hi"], { limits: [limit] }))
  )

  it.effect("books what was reserved where the other request of a hedge waits for a limit", () =>
    Effect.gen(function* () {
      yield* leave
      expect((yield* Spending.spent).total.dollars).toBeGreaterThanOrEqual(0.006)
    }).pipe(
      within(() => [{ pause: "1 hour" }, "Hi"], {
        budget: { total: 1 },
        policies: [Policy.hedge({ after: "10 millis", atMost: 1 })],
        limits: [Policy.concurrency({ requests: 1 })]
      })
    )
  )

  it.effect("books a fallback under the model that it uses, whose own budget may refuse it", () =>
    Effect.gen(function* () {
      const exits = yield* sixty
      expect(exits.filter(Exit.isSuccess).length).toBe(8)
      const { models } = yield* Spending.spent
      expect(models["openai/small"]?.dollars).toBeLessThanOrEqual(0.05)
    }).pipe(
      within(
        ({ model }) =>
          model === "gpt"
            ? new RateLimitError({ provider: "openai", model: "gpt", reason: "RateLimit", message: "slow down" })
            : reply(usage({}), "small"),
        { budget: { models: { "openai/small": 0.05 } }, policies: [Policy.fallback({ model: "small" })] }
      )
    )
  )

  it.effect("moves the reservations of every guard, and back when a retry returns to the first model", () =>
    Effect.gen(function* () {
      const outer = yield* Spending.make({ budget: { models: { "openai/small": 0.001 } } })
      const inner = yield* Spending.make({ budget: { models: { "openai/gpt": 0.02 } } })
      const limited = new RateLimitError({
        provider: "openai",
        model: "gpt",
        reason: "RateLimit",
        message: "slow down"
      })
      const fallback = yield* Policy.fallback({ model: "small" }, { on: ["RateLimitError"] })
      const requested: Array<string> = []
      const openai = Provider.make({
        name: "openai",
        open: ({ model = "" }) =>
          Effect.suspend(() => {
            requested.push(model)
            return Effect.fail(limited)
          })
      })
      const call = (policy: Policy.Policy) => Effect.flip(policy(openai).chat({ ...request, model: "gpt" }))
      const refused = yield* call(Policy.compose(outer.policy, inner.policy, fallback))
      expect(refused).toMatchObject({ _tag: "InsufficientCreditsError", model: "small" })
      expect(requested).toEqual(["gpt"])
      const retry = Policy.retry({ rateLimit: Schedule.recurs(1) })
      const moved: Array<string> = []
      const options = { onTarget: ({ model }: Origin) => Effect.sync(() => void moved.push(model)) }
      const retried = Policy.compose(retry, fallback)(openai).chat({ ...request, model: "gpt" }, options)
      const fiber = yield* Effect.fork(Effect.flip(retried))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      expect(moved).toEqual(["gpt", "small", "gpt", "small"])
    }).pipe(Effect.provide(ModelCatalog.layerOf(catalog)), Effect.provideService(TokenCounter, counter))
  )

  it.effect("covers the dated names of a model", () =>
    Effect.gen(function* () {
      const exits = yield* sixty
      expect(exits.filter(Exit.isSuccess).length).toBe(1)
    }).pipe(
      within(() => reply(usage({}), "gpt-2026-01-02"), {
        budget: { models: { "openai/gpt": 0.01 } },
        model: "gpt-2026-01-02"
      })
    )
  )
})

describe("a budget that is a guard", () => {
  it.effect("holds when each call replaces the policies, applies none, or streams", () =>
    Effect.gen(function* () {
      const passing: Policy.Policy = (provider) => provider
      const exits = yield* Effect.forEach(Array.from({ length: 30 }), () =>
        Effect.all([
          Effect.exit(LLMClient.chat(request, { policies: [] })),
          Effect.exit(Stream.runDrain(LLMClient.chatStream(request, { policies: [passing] })))
        ])
      )
      expect(exits.flat().filter((exit) => exit._tag === "Success").length).toBeLessThanOrEqual(2)
      expect((yield* MockLLM.requests).length).toBeLessThanOrEqual(2)
    }).pipe(within(() => reply(usage({}))))
  )

  it.effect("of a model holds when the provider answers with a dated name of it", () =>
    Effect.gen(function* () {
      const exits = yield* sixty
      expect(exits.filter(Exit.isSuccess).length).toBe(1)
      expect(Object.keys((yield* Spending.spent).models)).toEqual(["openai/gpt"])
    }).pipe(within(() => reply(usage({}), "gpt-2026-01-02"), { budget: { models: { "openai/gpt": 0.01 } } }))
  )
})

describe("a budget that would not apply", () => {
  it.effect.each([
    ["a number alone", 5, "the budget is 5; write US dollars such as { total: 5 }"],
    ["a text", { total: "5" }, 'the budget for total is "5"; write US dollars from 0 to 1000000000'],
    ["a misspelt field", { totl: 5 }, "totl is not a field of a budget; write one of total, providers, models"],
    ["a model without its provider", { models: { "gpt-4o": 5 } }, 'write one such as "openai/gpt-4o"']
  ])("is refused before anything is sent: %s", ([, budget, problem]) =>
    Effect.gen(function* () {
      const options = JSON.parse(JSON.stringify({ budget }))
      const error = yield* Effect.flip(Spending.make(options))
      expect(error).toMatchObject({ _tag: "ValidationError", message: expect.stringContaining(String(problem)) })
    }).pipe(Effect.provide(ModelCatalog.layer))
  )
})

describe("a budget that cannot be right", () => {
  it.effect.each([Number.POSITIVE_INFINITY, Number.NaN, 1e300, -1])(
    "of %d is a ValidationError that says what to write",
    (total) =>
      Effect.gen(function* () {
        const error: ValidationError = yield* Effect.flip(Layer.build(Spending.layer({ budget: { total } }))).pipe(
          Effect.scoped,
          Effect.provide(ModelCatalog.layerOf(catalog))
        )
        expect(error._tag).toBe("ValidationError")
        expect(error.message).toContain("US dollars from 0 to")
      })
  )
})
