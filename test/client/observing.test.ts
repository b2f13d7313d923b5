/** A call reports its usage once, and creates a span when a tracer is in context. */
import { describe, expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Schedule, Stream } from "effect"
import {
  type ChatOptions,
  collect,
  LLMClient,
  NetworkError,
  OpenAI,
  Policy,
  RateLimitError,
  type Usage,
  type UsageReport
} from "llm-connectivity"
import { MockLLM, type MockResponses } from "llm-connectivity/testing"
import { hello } from "../support/openai.js"
import { tracing } from "../support/tracing.js"

const usage = (inputTokens: number, outputTokens: number): Usage => ({
  inputTokens,
  outputTokens,
  totalTokens: inputTokens + outputTokens,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0
})

const at = { provider: "openai", model: "m", message: "…" }
const broken = new NetworkError({ ...at, reason: "Truncated" })
const origin = { provider: "openai", model: "m-2024" }

const client = (answers: MockResponses, options: { readonly retries?: boolean } = {}) =>
  LLMClient.fromProvider(OpenAI, {
    model: "m",
    policies: options.retries ? [Policy.retry({ rateLimit: Schedule.recurs(3), network: Schedule.recurs(0) })] : []
  }).pipe(Layer.provide(MockLLM.provider(OpenAI, answers)))

/** Runs an effect with a client and records the usage reports. */
const reportsOf = (answers: MockResponses, run: (options: ChatOptions) => Effect.Effect<unknown, unknown, LLMClient>) =>
  Effect.gen(function* () {
    const reports: Array<UsageReport> = []
    yield* Effect.exit(run({ onUsage: (report) => Effect.sync(() => reports.push(report)) }))
    return reports
  }).pipe(Effect.provide(client(answers)))

describe("the usage of a call is reported exactly once", () => {
  const complete = ["a", { usage: usage(5, 1) }, { finishReason: "stop", usage: usage(5, 9), origin }] as const
  const exact = [{ ...origin, usage: usage(5, 9), isExact: true }]

  it.effect("when it is complete", () =>
    Effect.gen(function* () {
      expect(yield* reportsOf([complete], (options) => collect(LLMClient.chatStream(hello, options)))).toEqual(exact)
      expect(yield* reportsOf([complete], (options) => LLMClient.chat(hello, options))).toEqual(exact)
    })
  )

  it.effect("when it fails, with the usage known so far", () =>
    Effect.gen(function* () {
      const known = [{ provider: "openai", model: "m", usage: usage(5, 1), isExact: false }]
      const answer = ["a", { usage: usage(5, 1) }, broken]
      expect(yield* reportsOf([answer], (options) => Stream.runDrain(LLMClient.chatStream(hello, options)))).toEqual(
        known
      )
      expect(yield* reportsOf([broken], (options) => LLMClient.chat(hello, options))).toEqual([
        { provider: "openai", model: "m", usage: null, isExact: false }
      ])
    })
  )

  it.effect("when the consumer stops early, and when it is interrupted", () =>
    Effect.gen(function* () {
      const incomplete = [{ provider: "openai", model: "m", usage: usage(5, 1), isExact: false }]
      const answer = [{ usage: usage(5, 1) }, "a", { pause: "1 hour" }, "b"] as const
      expect(
        yield* reportsOf([answer], (options) => Stream.runDrain(Stream.take(LLMClient.chatStream(hello, options), 2)))
      ).toEqual(incomplete)
      const interrupted = (options: ChatOptions) =>
        Effect.gen(function* () {
          const started = yield* Deferred.make<void>()
          const fiber = yield* LLMClient.chatStream(hello, options).pipe(
            Stream.runForEach((chunk) => (chunk.content === "" ? Effect.void : Deferred.succeed(started, undefined))),
            Effect.fork
          )
          yield* Deferred.await(started)
          yield* Fiber.interrupt(fiber)
        })
      expect(yield* reportsOf([answer], interrupted)).toEqual(incomplete)
    })
  )
})

describe("a call creates one span", () => {
  const answer = ["Hello", { finishReason: "stop", usage: usage(5, 9), origin }] as const

  it.effect("with OpenTelemetry's names, without the prompt and the response", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* collect(LLMClient.chatStream({ ...hello, temperature: 0.5 })).pipe(Effect.withTracer(tracer))
      expect(spans.map((span) => span.name)).toEqual(["chat m"])
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "m-2024",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 9,
        "gen_ai.response.time_to_first_chunk": expect.any(Number)
      })
      expect(JSON.stringify([...(spans[0]?.attributes ?? [])])).not.toMatch(/Hello/)
      expect(spans[0]?.exit?._tag).toBe("Success")
    }).pipe(Effect.provide(client([answer])))
  )

  it.effect("for a non-streaming response too, with content when the caller asks for it", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* LLMClient.chat(hello, { traceContent: true }).pipe(Effect.withTracer(tracer))
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
        "gen_ai.input.messages": JSON.stringify([
          { role: "user", parts: [{ type: "text", content: "Hello, who are you today?" }] }
        ]),
        "gen_ai.output.messages": JSON.stringify([
          { role: "assistant", parts: [{ type: "text", content: "Hello" }], finish_reason: "stop" }
        ])
      })
    }).pipe(Effect.provide(client([answer])))
  )

  it.effect("with the class of its failure and the number of requests", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* Effect.flip(LLMClient.chat(hello)).pipe(Effect.withTracer(tracer))
      expect(Object.fromEntries(spans[0]?.attributes ?? [])).toMatchObject({
        "error.type": "NetworkError.Truncated",
        "llm_connectivity.attempts": 2
      })
      expect(spans[0]?.exit?._tag).toBe("Failure")
      yield* collect(LLMClient.chatStream(hello)).pipe(Effect.withTracer(tracer))
      expect(spans[1]?.attributes.get("llm_connectivity.attempts")).toBe(2)
    }).pipe(
      Effect.provide(
        client(
          (_, index) => {
            const limited = new RateLimitError({ ...at, reason: "RateLimit" })
            return index === 1 ? ["part", broken] : index === 3 ? answer : limited
          },
          { retries: true }
        )
      )
    )
  )

  it.effect("for an invalid request too", () =>
    Effect.gen(function* () {
      const { spans, tracer } = tracing()
      yield* Effect.flip(LLMClient.chat({ messages: [] })).pipe(Effect.withTracer(tracer))
      expect(spans[0]?.attributes.get("error.type")).toBe("ValidationError")
    }).pipe(Effect.provide(client([])))
  )
})
