/** An embedding call reports its usage once and creates one span. */
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Schedule } from "effect"
import {
  type EmbedOptions,
  type EmbedRequest,
  type EmbedResponse,
  LLMClient,
  type LLMError,
  Policy,
  Provider,
  ProviderError,
  RateLimitError,
  type UsageReport
} from "llm-connectivity"
import { tracing } from "../support/tracing.js"

class Own extends Context.Tag("test/Own")<Own, Provider>() {
  static readonly providerName = "own"
}

const at = { provider: "own", model: "small", message: "…" }

const usageOf = (inputTokens: number) => ({
  inputTokens,
  outputTokens: 0,
  totalTokens: inputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
})

type Result = Effect.Effect<EmbedResponse, LLMError>

/** Reports three tokens per text, and a model with a date. */
const embedded = ({ input }: EmbedRequest): Result =>
  Effect.succeed({
    embeddings: Array.from(input, () => [0.5]),
    usage: usageOf(3 * input.length),
    cost: null,
    provider: "own",
    model: "small-2024"
  })

const client = (embed: (request: EmbedRequest, index: number) => Result = embedded) => {
  let count = 0
  const provider = Provider.make({
    name: "own",
    open: () => Effect.fail(new ProviderError({ ...at, message: "no chats" })),
    embeddings: { maxBatchSize: 2, embed: (request) => Effect.suspend(() => embed(request, count++)) }
  })
  return LLMClient.fromProvider(Own, { model: "small", policies: [Policy.retry()] }).pipe(
    Layer.provide(Layer.succeed(Own, provider))
  )
}

const input = ["canary one", "two", "three"]

const reportsOf = (run: (options: EmbedOptions) => Effect.Effect<unknown, unknown, LLMClient>, layer = client()) =>
  Effect.gen(function* () {
    const reports: Array<UsageReport> = []
    yield* Effect.exit(run({ onUsage: (report) => Effect.sync(() => reports.push(report)) }))
    return reports
  }).pipe(Effect.provide(layer))

it.effect("vectors whose lengths differ between the batches of a request are an error", () =>
  Effect.gen(function* () {
    const layer = client((request, index) =>
      Effect.map(embedded(request), (response) => ({
        ...response,
        embeddings: Array.from(request.input, () => Array.from({ length: index + 1 }, () => 0.5))
      }))
    )
    const error = yield* LLMClient.embed({ input }).pipe(Effect.flip, Effect.provide(layer))
    expect(error).toMatchObject({
      _tag: "ProviderError",
      message: "own returned vectors of the lengths 1 and 2 for one request"
    })
  })
)

describe("the usage of embeddings is reported once", () => {
  it.effect("when they are complete, as the sum of all batches", () =>
    Effect.gen(function* () {
      expect(yield* reportsOf((options) => LLMClient.embed({ input }, options))).toEqual([
        { provider: "own", model: "small-2024", usage: usageOf(9), isExact: true }
      ])
    })
  )

  const unknown = [{ provider: "own", model: "small", usage: null, isExact: false }]

  it.effect("when they fail", () =>
    Effect.gen(function* () {
      const failing = client(() => Effect.fail(new ProviderError(at)))
      expect(yield* reportsOf((options) => LLMClient.embed({ input }, options), failing)).toEqual(unknown)
    })
  )

  it.effect("when they are interrupted", () =>
    Effect.gen(function* () {
      const started = yield* Deferred.make<void>()
      const waiting = client(() => Effect.zipRight(Deferred.succeed(started, undefined), Effect.never))
      const interrupted = (options: EmbedOptions) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(LLMClient.embed({ input }, options))
          yield* Deferred.await(started)
          yield* Fiber.interrupt(fiber)
        })
      expect(yield* reportsOf(interrupted, waiting)).toEqual(unknown)
    })
  )
})

describe("an embedding call creates one span", () => {
  it.effect("with OpenTelemetry's names, however many batches it has, and without its texts", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* Effect.withTracer(LLMClient.embed({ input }), tracer)
      expect(spans.map(({ name, exit }) => [name, exit?._tag])).toEqual([["embeddings small", "Success"]])
      const attributes = Object.fromEntries(spans[0]?.attributes ?? [])
      expect(attributes).toEqual({
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "own",
        "gen_ai.request.model": "small",
        "gen_ai.response.model": "small-2024",
        "gen_ai.usage.input_tokens": 9
      })
    }).pipe(Effect.provide(client()))
  )

  it.effect("with its texts when the caller asks for content", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* Effect.withTracer(LLMClient.embed({ input }, { traceContent: true }), tracer)
      expect(spans[0]?.attributes.get("gen_ai.input.messages")).toBe(
        JSON.stringify([{ role: "user", parts: input.map((content) => ({ type: "text", content })) }])
      )
    }).pipe(Effect.provide(client()))
  )

  it.effect("with the class of its failure and the number of requests", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      const refused = (_: EmbedRequest, index: number): Result =>
        Effect.fail(index === 0 ? new RateLimitError({ ...at, reason: "RateLimit" }) : new ProviderError(at))
      const once = Policy.retry({ rateLimit: Schedule.recurs(1) })
      yield* Effect.flip(LLMClient.embed({ input: "text" }, { policies: [once] })).pipe(
        Effect.withTracer(tracer),
        Effect.provide(client(refused))
      )
      expect(spans).toHaveLength(1)
      expect(spans[0]?.exit?._tag).toBe("Failure")
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
        "error.type": "ProviderError",
        "llm_connectivity.attempts": 2
      })
    })
  )
})
