/** What calls report: provider names, embeddings, ids of responses, trace context, log lines and bounded labels. */
import { FetchHttpClient } from "@effect/platform"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Redacted } from "effect"
import { collect, LLMClient, OpenAI } from "llm-connectivity"
import { MockLLM } from "llm-connectivity/testing"
import { attribute, providerName } from "../../src/telemetry/names.js"
import { otherModel, SeriesLabels } from "../../src/telemetry/SeriesLabels.js"
import { clientOf, done, event, finish, hello, key, say } from "../support/openai.js"
import { serve, sse } from "../support/server.js"
import { tracing } from "../support/tracing.js"

describe("telemetry", () => {
  it("uses the well-known names of providers", () => {
    expect(["google", "azure", "xai", "mistral", "openai", "toString"].map(providerName)).toEqual([
      "gcp.gemini",
      "azure.ai.openai",
      "x_ai",
      "mistral_ai",
      "openai",
      "toString"
    ])
  })

  it("bounds the number of series: further models are _OTHER", () => {
    const labels = new SeriesLabels([attribute.requestModel], 2)
    const models = ["a", "b", "c", "a", "d"].map((model) => labels.of({ [attribute.requestModel]: model, kind: "x" }))
    expect(models.map(([model]) => model?.value)).toEqual(["a", "b", otherModel, "a", otherModel])
    expect(models[0]).toBe(models[3])
  })

  it.live("names the response by the provider's id", () =>
    Effect.gen(function* () {
      const named = event({ content: "a" }).replace('{"object"', '{"id":"chatcmpl-7","object"')
      const { url } = yield* serve((response) => sse(response, named, say("b"), finish(), done).end())
      const { spans, tracer } = tracing()
      yield* collect(LLMClient.chatStream(hello)).pipe(Effect.withTracer(tracer), Effect.provide(clientOf(url)))
      expect(spans[0]?.attributes.get("gen_ai.response.id")).toBe("chatcmpl-7")
    }).pipe(Effect.scoped)
  )

  it.live("sends the trace context of the call where the provider's layer says so", () =>
    Effect.gen(function* () {
      const { url, requests } = yield* serve((response) => sse(response, say("a"), finish(), done).end())
      const client = LLMClient.fromProvider(OpenAI, { model: "m" }).pipe(
        Layer.provide(OpenAI.layer({ apiKey: Redacted.make(key), baseUrl: `${url}/v1`, propagateTraceContext: true })),
        Layer.provide(FetchHttpClient.layer)
      )
      yield* collect(LLMClient.chatStream(hello)).pipe(Effect.provide(client))
      expect(requests[0]?.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    }).pipe(Effect.scoped)
  )

  it.effect("writes one debug line per call, without content", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.map(Logger.stringLogger, (line) => void lines.push(line))
      yield* collect(LLMClient.chatStream(hello)).pipe(
        Logger.withMinimumLogLevel(LogLevel.Debug),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/chat mock\/mock: ended/)
      expect(lines[0]).not.toMatch(/canary|who are you/)
    }).pipe(Effect.provide(MockLLM.layer(["canary"])))
  )
})
