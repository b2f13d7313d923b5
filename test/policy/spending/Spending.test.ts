import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Stream, TestClock } from "effect"
import {
  AuthenticationError,
  type ChatRequest,
  LLMClient,
  ModelCatalog,
  type ModelInfo,
  NetworkError,
  OpenAI,
  Policy,
  Spending,
  type SpendingOptions,
  TokenCounter
} from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { make as makeUsage } from "../../../src/domain/Usage.js"

/** A tenth of a dollar for each token of a prompt and a cent for each of an answer, and a hundredth of that. */
const facts: ReadonlyArray<ModelInfo> = [
  { provider: "openai", model: "dear", aliases: ["dear-0613"], prices: { input: 100_000, output: 10_000 } },
  { provider: "openai", model: "cheap", prices: { input: 1_000, output: 100 } }
]

/** Every prompt has 10 tokens: one dollar of `dear`. */
const counter = {
  ...TokenCounter.approximate,
  count: () => Effect.succeed({ tokens: 10, isExact: true })
}

const request: ChatRequest = { messages: [{ role: "user", content: "Hello" }], maxTokens: 100 }

/** An answer of so many tokens to a prompt of 10. */
const answer = (outputTokens: number, model = "dear") => [
  "Hello!",
  {
    finishReason: "stop" as const,
    usage: makeUsage({ inputTokens: 10, outputTokens }),
    origin: { provider: "openai", model }
  }
]

const clientOf = ({ answers, policies = [], model = "dear", isGuard = true }: Setting) =>
  LLMClient.fromProvider(OpenAI, {
    model,
    guards: isGuard ? [Spending.policy] : [],
    policies: isGuard ? policies : [...policies, Spending.policy]
  }).pipe(Layer.provideMerge(MockLLM.provider(OpenAI, answers)))

interface Setting extends SpendingOptions {
  readonly answers: MockResponses
  readonly policies?: ReadonlyArray<Policy.AnyPolicy<never, Spending>> | undefined
  readonly model?: string | undefined
  /** Whether spending is a guard around the policies, or the innermost of them. */
  readonly isGuard?: boolean | undefined
}

const within =
  ({ answers, policies, model, isGuard, ...options }: Setting) =>
  <A, E>(effect: Effect.Effect<A, E, LLMClient | Spending | MockLLM>): Effect.Effect<A, E> =>
    effect.pipe(
      Effect.provide(clientOf({ answers, policies, model, isGuard })),
      Effect.provide(Layer.orDie(Spending.layer(options))),
      Effect.provide(ModelCatalog.layerOf(facts)),
      Effect.provideService(TokenCounter, counter)
    )

const chat = LLMClient.chat(request)
const stream = Stream.runDrain(LLMClient.chatStream(request))
const dollars = Effect.map(Spending.spent, (spent) => spent.total.dollars)

describe("spending", () => {
  it.effect("is summed in total, by provider and by model, for chat and streams", () =>
    Effect.gen(function* () {
      yield* chat
      yield* stream
      yield* LLMClient.chat({ ...request, model: "cheap" })
      const none = { estimated: 0, unpriced: 0 }
      expect(yield* Spending.spent).toEqual({
        // 1 + 0.5, 1 + 0.2, and 0.01 + 0.003
        total: { dollars: 2.713, requests: 3, ...none },
        providers: { openai: { dollars: 2.713, requests: 3, ...none } },
        models: {
          "openai/dear": { dollars: 2.7, requests: 2, ...none },
          "openai/cheap": { dollars: 0.013, requests: 1, ...none }
        }
      })
    }).pipe(within({ answers: [answer(50), answer(20), answer(30, "cheap")] }))
  )

  it.effect("is summed under one name for every date or alias in the response", () =>
    Effect.gen(function* () {
      yield* chat
      yield* chat
      yield* LLMClient.chat({ ...request, model: "dear-0613" })
      expect(Object.keys((yield* Spending.spent).models)).toEqual(["openai/dear"])
    }).pipe(within({ answers: [answer(1, "dear-2026-01-01"), answer(1, "dear-0613"), answer(1, "dear-0613")] }))
  )

  it.effect("counts requests without a price and adds nothing for them", () =>
    Effect.gen(function* () {
      yield* LLMClient.chat({ ...request, model: "unknown" })
      expect((yield* Spending.spent).total).toEqual({ dollars: 0, requests: 1, estimated: 0, unpriced: 1 })
    }).pipe(within({ answers: [answer(1, "unknown")] }))
  )

  it.effect("is zero for rejected requests, and estimated for truncated and timed-out ones", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(chat)).toMatchObject({ _tag: "AuthenticationError" })
      expect(yield* dollars).toBe(0)
      // Without a budget nothing is counted before it is needed: a prompt of some 8 tokens, and "Hello" and ",".
      expect(yield* Effect.flip(stream)).toMatchObject({ reason: "Truncated" })
      expect(yield* Spending.spent).toMatchObject({ total: { dollars: 0.82, requests: 2, estimated: 1 } })
      expect(yield* Effect.flip(chat)).toMatchObject({ reason: "Timeout" })
      expect(yield* Spending.spent).toMatchObject({ total: { dollars: 1.62, requests: 3, estimated: 2 } })
    }).pipe(
      within({
        answers: [
          new AuthenticationError({ provider: "openai", model: "dear", message: "…" }),
          ["Hello", ",", new NetworkError({ provider: "openai", model: "dear", reason: "Truncated", message: "…" })],
          new NetworkError({ provider: "openai", model: "dear", reason: "Timeout", timeout: "total", message: "…" })
        ]
      })
    )
  )

  it.effect("is correct after an early stop or an interruption, and releases every reservation", () =>
    Effect.gen(function* () {
      const one = yield* LLMClient.chatStream(request).pipe(Stream.take(1), Stream.runCollect)
      expect(one.length).toBe(1)
      expect(yield* dollars).toBe(1.01)
      const reached = yield* Deferred.make<void>()
      const fiber = yield* LLMClient.chatStream(request).pipe(
        Stream.runForEach(() => Deferred.succeed(reached, undefined)),
        Effect.fork
      )
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      expect(yield* dollars).toBe(2.02)
      const waiting = yield* Effect.fork(chat)
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(waiting)
      expect(yield* Spending.spent).toMatchObject({ total: { dollars: 3.03, requests: 3, estimated: 3 } })
      // The remaining budget has room for one request of at most $2, if nothing stays reserved.
      yield* chat
      expect(yield* dollars).toBe(4.04)
    }).pipe(
      within({
        budget: { total: 5.03 },
        answers: (_, index) => (index < 3 ? ["Hello", { pause: "1 minute" }, "you"] : answer(1))
      })
    )
  )
})

describe("a budget", () => {
  it.effect("of less than a millionth of a dollar is reported with all its decimals", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(chat)
      expect(message).toContain("of the budget of $0.0000001 for all requests, $0 is spent")
    }).pipe(within({ budget: { total: 1e-7 }, answers: [] }))
  )

  it.effect("rejects a request that could exceed it before sending, and reports sum and budget", () =>
    Effect.gen(function* () {
      yield* chat
      const error = yield* Effect.flip(chat)
      expect(error).toMatchObject({
        _tag: "InsufficientCreditsError",
        provider: "openai",
        model: "dear",
        message:
          "the request to openai/dear was not sent: it may cost $2, but of the budget of $3 for all requests, $1.5 is spent and $0 is reserved for requests in progress; raise the budget, lower maxTokens or use a cheaper model"
      })
      expect(yield* Effect.flip(stream)).toMatchObject({ _tag: "InsufficientCreditsError" })
      // A shorter answer still fits.
      yield* LLMClient.chat({ ...request, maxTokens: 50 })
      expect((yield* MockLLM.requests).length).toBe(2)
      expect(yield* dollars).toBe(2.51)
    }).pipe(within({ budget: { total: 3 }, answers: [answer(50), answer(1)] }))
  )

  it.effect("of a provider or model does not affect others", () =>
    Effect.gen(function* () {
      expect(yield* Effect.flip(chat)).toMatchObject({ message: expect.stringContaining("$1 for openai/dear") })
      yield* LLMClient.chat({ ...request, model: "cheap" })
      expect(yield* Effect.flip(LLMClient.chat({ ...request, model: "cheap" }))).toMatchObject({
        message: expect.stringContaining("$0.02 for openai,")
      })
    }).pipe(
      within({
        budget: { providers: { openai: 0.02, anthropic: 0 }, models: { "openai/dear": 1 } },
        answers: [answer(1, "cheap")]
      })
    )
  )

  it.effect("is never exceeded by 100 requests at the same time, and allows as many as certainly fit", () =>
    Effect.gen(function* () {
      const sending = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 100 }), (_, index) => Effect.exit(index % 2 === 0 ? chat : stream), {
          concurrency: "unbounded"
        })
      )
      yield* TestClock.adjust("1 second")
      const exits = yield* Fiber.join(sending)
      const answered = exits.filter(Exit.isSuccess).length
      // At first 5 fit, each of at most 2; as each takes 1.5 only, a sixth does when those are done, but no request waits.
      expect(answered).toBe(5)
      expect((yield* MockLLM.requests).length).toBe(5)
      expect(yield* dollars).toBe(7.5)
      yield* chat
      expect(yield* dollars).toBe(9)
      expect(yield* Effect.flip(chat)).toMatchObject({
        message: expect.stringContaining("$9 is spent and $0 is reserved")
      })
    }).pipe(
      within({
        budget: { total: 10 },
        answers: (_, index) => (index < 5 ? [{ pause: "1 second" }, ...answer(50)] : answer(50))
      })
    )
  )

  it.effect("reserves the assumed length of an answer without maxTokens, at most the model's limit", () =>
    Effect.gen(function* () {
      const unlimited: ChatRequest = { messages: request.messages }
      const most = (options: SpendingOptions) =>
        LLMClient.chat(unlimited).pipe(
          Effect.flip,
          Effect.map((error) => /may cost (\S+),/.exec(error.message)?.[1]),
          within({ ...options, budget: { total: 0.5 }, answers: [] }),
          Effect.orDie
        )
      // 1 + 4,096 × 0.01
      expect(yield* most({})).toBe("$41.96")
      expect(yield* most({ assumedOutputTokens: 10 })).toBe("$1.1")
    })
  )

  it.effect("rejects a model without a price where it applies, unless configured otherwise", () =>
    Effect.gen(function* () {
      const unknown = LLMClient.chat({ ...request, model: "unknown" })
      const setting = { budget: { total: 10 }, answers: [answer(1, "unknown")] }
      const refused = yield* within(setting)(Effect.flip(unknown))
      expect(refused).toMatchObject({
        _tag: "InsufficientCreditsError",
        message: expect.stringContaining("no price")
      })
      const elsewhere = LLMClient.chat({ ...request, model: "anthropic/claude-sonnet-4-5" })
      expect((yield* within(setting)(Effect.flip(elsewhere))).message).toContain(
        "choose another provider by the model string of the layer"
      )
      yield* within({ ...setting, unpriced: "allow" })(unknown)
      yield* within({ ...setting, budget: { providers: { anthropic: 1 } } })(unknown)
    })
  )

  it.effect("lets a fallback to a cheaper model take over, and sums under the model that answered", () =>
    Effect.gen(function* () {
      const response = yield* chat
      expect(response.model).toBe("cheap")
      expect((yield* Spending.spent).models).toMatchObject({ "openai/cheap": { dollars: 0.0101 } })
    }).pipe(
      within({
        budget: { models: { "openai/dear": 1 } },
        answers: [answer(1, "cheap")],
        policies: [Policy.fallback({ model: "cheap" })],
        isGuard: false
      })
    )
  )

  it.effect("is outside of retries: each response is summed once, under the model that answered", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(chat)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      expect(yield* Spending.spent).toMatchObject({ total: { dollars: 1.01, requests: 1, estimated: 0 } })
    }).pipe(
      within({
        answers: [new NetworkError({ provider: "openai", model: "dear", reason: "Server", message: "…" }), answer(1)],
        policies: [Policy.retry()]
      })
    )
  )
})
