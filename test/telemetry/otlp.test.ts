/** Spans and metrics as a collector receives them: the real exporters send OTLP/HTTP JSON to a receiver on loopback. */
import { NodeSdk } from "@effect/opentelemetry"
import { describe, expect, it } from "@effect/vitest"
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics"
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { Effect, Exit, Metric, Schedule, Schema } from "effect"
import {
  collect,
  type FromProviderOptions,
  LLMClient,
  ModelCatalog,
  Policy,
  PolicyState,
  ResponseCache
} from "llm-connectivity"
import { Tool, ToolLoop } from "llm-connectivity/tools"
import { atAnySpeed } from "../support/atAnySpeed.js"
import { clientOf, counts, done, event, finish, hello, say } from "../support/openai.js"
import { json, serve, sse } from "../support/server.js"

type Json = { readonly [field: string]: unknown }
type Attributes = { readonly [name: string]: unknown }

const attributeValue = (value: Json): unknown => {
  const [kind, inner] = Object.entries(value)[0] ?? []
  if (kind === "intValue") return Number(inner)
  return kind === "arrayValue" ? (inner as { values: ReadonlyArray<Json> }).values.map(attributeValue) : inner
}

const attributesOf = (list: unknown): Attributes =>
  Object.fromEntries(
    (list as ReadonlyArray<{ key: string; value: Json }>).map(({ key, value }) => [key, attributeValue(value)])
  )

interface Collected {
  readonly spans: ReadonlyArray<{
    name: string
    spanId: string
    parentSpanId: string | undefined
    kind: number
    attributes: Attributes
    events: ReadonlyArray<{ name: string; attributes: Attributes }>
  }>
  readonly metrics: ReadonlyArray<{
    name: string
    unit: string
    points: ReadonlyArray<{ attributes: Attributes; value: Json }>
  }>
  readonly text: string
}

const read = (requests: ReadonlyArray<{ readonly url: string; readonly body: string }>): Collected => {
  const bodies = requests.map(({ url, body }) => ({ url, json: JSON.parse(body) }))
  const spans = bodies
    .filter(({ url }) => url.endsWith("/traces"))
    .flatMap(({ json: { resourceSpans } }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map(({ name, spanId, parentSpanId, kind, attributes, events }) => ({
      name,
      spanId,
      parentSpanId,
      kind,
      attributes: attributesOf(attributes),
      events: events.map((event: Json) => ({ name: event["name"], attributes: attributesOf(event["attributes"]) }))
    }))
  const metrics = bodies
    .filter(({ url }) => url.endsWith("/metrics"))
    .flatMap(({ json: { resourceMetrics } }) => resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .map(({ name, unit, sum, histogram, gauge }) => ({
      name,
      unit,
      points: (sum ?? histogram ?? gauge).dataPoints.map((value: { attributes: unknown }) => ({
        attributes: attributesOf(value.attributes),
        value
      }))
    }))
  return { spans, metrics, text: requests.map(({ body }) => body).join("\n") }
}

/** Waits until a call has joined the request of another one. */
const untilJoined = (model: string): Effect.Effect<unknown> =>
  Effect.repeat(Metric.snapshot, {
    schedule: Schedule.spaced("1 millis"),
    until: (pairs) =>
      pairs.some(({ metricKey: { name, tags } }) => {
        const values = Array.from(tags, ({ value }) => value)
        return name.endsWith("cache_lookups") && values.includes(model) && values.includes("joined")
      })
  })

/** Runs a program against a provider, with the exporters, and returns what the receiver got. */
const collected = (
  model: string,
  handler: Parameters<typeof serve>[0],
  options: Partial<FromProviderOptions>,
  program: Effect.Effect<unknown, unknown, LLMClient>
) =>
  Effect.gen(function* () {
    const receiver = yield* serve((response) => json(response, 200, {}))
    const provider = yield* serve(handler)
    const sdk = NodeSdk.layer(() => ({
      resource: { serviceName: "test" },
      spanProcessor: new BatchSpanProcessor(new OTLPTraceExporter({ url: `${receiver.url}/v1/traces` })),
      metricReader: new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${receiver.url}/v1/metrics` }),
        exportIntervalMillis: 3_600_000
      })
    }))
    yield* program.pipe(
      Effect.exit,
      Effect.tap((exit) => Effect.sync(() => expect(Exit.isInterrupted(exit)).toBe(false))),
      Effect.provide(clientOf(provider.url, { model, ...options })),
      Effect.provide(sdk)
    )
    const port = Number(new URL(provider.url).port)
    return { ...read(receiver.requests), port, provider }
  }).pipe(Effect.scoped)

const answer: Parameters<typeof serve>[0] = (response) =>
  sse(response, say("Hel"), say("lo canary"), finish(), counts, done).end()

const pointsOf = ({ metrics }: Collected, name: string, model: string) =>
  metrics
    .filter((metric) => metric.name === name)
    .flatMap(({ unit, points }) => points.map((point) => ({ unit, ...point })))
    .filter(({ attributes }) => attributes["gen_ai.request.model"] === model)

describe("a collector receives", () => {
  it.live("one client span per call, with the attributes of the conventions and no content", () =>
    Effect.gen(function* () {
      const request = { ...hello, temperature: 0.5, topP: 0.9, maxTokens: 7, seed: 3, stop: "END" }
      const seen = yield* collected("span-model", answer, {}, collect(LLMClient.chatStream(request)))
      const span = seen.spans.find(({ name }) => name === "chat span-model")
      expect(span?.kind).toBe(3)
      // @effect/opentelemetry 0.64 writes lists as JSON text.
      expect(span?.attributes).toMatchObject({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "span-model",
        "gen_ai.request.stream": true,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.max_tokens": 7,
        "gen_ai.request.seed": 3,
        "gen_ai.request.stop_sequences": JSON.stringify(["END"], undefined, 2),
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.response.finish_reasons": JSON.stringify(["stop"], undefined, 2),
        "gen_ai.response.time_to_first_chunk": expect.any(Number),
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_creation.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 0,
        "server.address": "127.0.0.1",
        "server.port": seen.port
      })
      expect(seen.text).not.toMatch(/canary|who are you/)
    })
  )

  it.live("the duration, the time to the first chunk, the time per chunk and the tokens of a stream", () =>
    Effect.gen(function* () {
      const model = "metric-model"
      const seen = yield* collected(model, answer, {}, collect(LLMClient.chatStream(hello)))
      for (const name of ["duration", "time_to_first_chunk", "time_per_output_chunk"]) {
        const [point, ...others] = pointsOf(seen, `gen_ai.client.operation.${name}`, model)
        expect(others).toEqual([])
        expect(point).toMatchObject({
          unit: "s",
          attributes: {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.response.model": "gpt-4o-mini",
            "server.address": "127.0.0.1"
          },
          value: { count: 1 }
        })
        expect(point?.attributes["error.type"]).toBeUndefined()
      }
      const tokens = pointsOf(seen, "gen_ai.client.token.usage", model)
      expect(
        tokens.map(({ unit, attributes, value }) => [unit, attributes["gen_ai.token.type"], value["sum"]])
      ).toEqual([
        ["{token}", "input", 3],
        ["{token}", "output", 2]
      ])
    })
  )

  it.live("each retry as an event of the span and in a counter, and the class of the failure", () =>
    Effect.gen(function* () {
      const model = "retry-model"
      const policies = [Policy.retry({ rateLimit: Schedule.recurs(1) })]
      const limited: Parameters<typeof serve>[0] = (response) =>
        json(response, 429, { error: { message: "slow down", type: "rate_limit_error" } })
      const seen = yield* collected(model, limited, { policies }, LLMClient.chat(hello))
      const span = seen.spans.find(({ name }) => name === `chat ${model}`)
      expect(span?.attributes).toMatchObject({
        "gen_ai.request.stream": false,
        "error.type": "RateLimitError.RateLimit",
        "llm_connectivity.attempts": 2
      })
      expect(span?.events.find(({ name }) => name === "llm_connectivity.retry")?.attributes).toMatchObject({
        "error.type": "RateLimitError.RateLimit",
        "gen_ai.request.model": model,
        "http.response.status_code": 429
      })
      const [retry] = pointsOf(seen, "llm_connectivity.client.retries", model)
      expect(retry).toMatchObject({ attributes: { "error.type": "RateLimitError.RateLimit" } })
      const [duration] = pointsOf(seen, "gen_ai.client.operation.duration", model)
      expect(duration?.attributes["error.type"]).toBe("RateLimitError.RateLimit")
    })
  )

  it.live("the failed try of a fallback as an event, and the model that answered", () =>
    Effect.gen(function* () {
      const fallback = yield* Policy.fallback({ model: "second-model" })
      const failing: Parameters<typeof serve>[0] = (response, request, index) =>
        index === 0 ? json(response, 500, { error: { message: "broken" } }) : answer(response, request, index)
      const seen = yield* collected(
        "first-model",
        failing,
        { policies: [fallback] },
        collect(LLMClient.chatStream(hello))
      )
      const span = seen.spans.find(({ name }) => name === "chat first-model")
      expect(span?.attributes["gen_ai.request.model"]).toBe("second-model")
      expect(span?.events.find(({ name }) => name === "llm_connectivity.fallback")?.attributes).toMatchObject({
        "error.type": "NetworkError.Server",
        "gen_ai.request.model": "first-model",
        "llm_connectivity.to.model": "second-model"
      })
      expect(pointsOf(seen, "llm_connectivity.client.fallbacks", "first-model")).toHaveLength(1)
    })
  )

  it.live("how long requests waited for a limit, and nothing of those that need not wait", () =>
    atAnySpeed(
      Effect.fnUntraced(function* (factor) {
        // The metrics of a process add up the attempts of a test.
        const model = `limited-model-${factor}`
        // One request at once, then one each 111 ms.
        const rate = { requests: 10, per: 1000 * factor, burst: 0.1, maxWait: 5000 * factor }
        const limits = [yield* Policy.rateLimit(rate)]
        const twice = Effect.repeatN(collect(LLMClient.chatStream(hello)), 1)
        const seen = yield* collected(model, answer, { limits }, twice)
        const points = pointsOf(seen, "llm_connectivity.client.limiter_wait", model)
        expect(points).toMatchObject([
          { unit: "s", attributes: { "llm_connectivity.limiter": "rate" }, value: { count: 1 } }
        ])
        expect(points[0]?.value["sum"]).toBeGreaterThan(0.02)
        const events = seen.spans.flatMap((span) => span.events)
        expect(events.filter(({ name }) => name === "llm_connectivity.limiter_wait")).toHaveLength(1)
      }, Effect.provide(PolicyState.memory))
    )
  )

  it.live("what a cache had, and the tokens of a response once", () =>
    Effect.gen(function* () {
      const model = "cached-model"
      const guards = [yield* Policy.cache({ ttl: "1 minute", scope: "shared" })]
      const call = collect(LLMClient.chatStream(hello))
      // The provider answers once the second call has joined the first.
      const joined = yield* Effect.makeLatch()
      const held: typeof answer = (...received) => Effect.runFork(Effect.map(joined.await, () => answer(...received)))
      const calls = Effect.zipRight(
        Effect.all([call, call, Effect.zipRight(untilJoined(model), joined.open)], { concurrency: 3 }),
        call
      )
      const seen = yield* collected(model, held, { guards }, calls)
      const lookups = pointsOf(seen, "llm_connectivity.client.cache_lookups", model)
      expect(lookups.map(({ attributes, value }) => [attributes["llm_connectivity.cache.result"], value["asDouble"]]))
        // biome-ignore format: a table
        .toEqual(
        expect.arrayContaining([
          ["miss", 1],
          ["joined", 1],
          ["hit", 1]
        ])
      )
      expect(lookups).toHaveLength(3)
      const tokens = pointsOf(seen, "gen_ai.client.token.usage", model)
      expect(tokens.map(({ value }) => value["count"])).toEqual([1, 1])
      const [, , last] = seen.spans
      expect(last?.events).toMatchObject([
        { name: "llm_connectivity.cache_lookup", attributes: { "llm_connectivity.cache.result": "hit" } }
      ])
    }).pipe(Effect.provide(ResponseCache.memory))
  )

  it.live("each hedge", () =>
    Effect.gen(function* () {
      const model = "hedged-model"
      const policies = [yield* Policy.hedge({ after: "20 millis", atMost: 1 })]
      const slowFirst: Parameters<typeof serve>[0] = (response, request, index) =>
        index === 0 ? response.writeHead(200).flushHeaders() : answer(response, request, index)
      const seen = yield* collected(model, slowFirst, { policies }, collect(LLMClient.chatStream(hello)))
      expect(pointsOf(seen, "llm_connectivity.client.hedges", model)).toMatchObject([
        { unit: "{request}", attributes: { "llm_connectivity.to.provider": "openai" } }
      ])
      const [span] = seen.spans
      expect(span?.events).toMatchObject([
        { name: "llm_connectivity.hedge", attributes: { "llm_connectivity.to.model": model } }
      ])
    })
  )

  it.live("the target of each request and the state of its circuit breaker", () =>
    Effect.gen(function* () {
      const model = "balanced-model"
      const balance = Policy.loadBalance([{ name: "east" }, { name: "west" }], {
        breaker: { failures: 1, coolDown: "1 hour" }
      })
      const failingFirst: Parameters<typeof serve>[0] = (response, request, index) =>
        index === 0 ? json(response, 503, { error: { message: "down" } }) : answer(response, request, index)
      const policies = [yield* balance]
      const seen = yield* collected(model, failingFirst, { policies }, collect(LLMClient.chatStream(hello)))
      const [span] = seen.spans
      const chosen = span?.events.flatMap(({ attributes }) => attributes["llm_connectivity.target"] ?? []) ?? []
      expect([...chosen].sort()).toEqual(["east", "west"])
      const targets = pointsOf(seen, "llm_connectivity.client.targets", model)
      expect(targets.map(({ attributes }) => attributes["llm_connectivity.target"]).sort()).toEqual(["east", "west"])
      expect(pointsOf(seen, "llm_connectivity.client.breaker_state", model)).toMatchObject([
        { attributes: { "llm_connectivity.breaker.name": `balance/${chosen[0]}` }, value: { asDouble: 2 } }
      ])
      expect(span?.events.find(({ name }) => name === "llm_connectivity.breaker")?.attributes).toMatchObject({
        "llm_connectivity.breaker.state": "open"
      })
    }).pipe(Effect.provide(PolicyState.memory))
  )

  it.live("the cost of each call", () =>
    Effect.gen(function* () {
      const model = "priced-model"
      const prices = { input: 1, output: 2 }
      const catalog = ModelCatalog.layerOf([{ provider: "openai", model: "gpt-4o-mini", prices }])
      const call = Effect.provide(collect(LLMClient.chatStream(hello)), catalog)
      const seen = yield* collected(model, answer, {}, call)
      // Three tokens in and two out, in dollars per million.
      expect(pointsOf(seen, "llm_connectivity.client.cost", model)).toMatchObject([
        { unit: "{USD}", value: { asDouble: (3 * prices.input + 2 * prices.output) / 1e6 } }
      ])
    })
  )

  it.live("a tool loop as an agent, with its chat calls and its tools below it", () =>
    Effect.gen(function* () {
      const calls = [
        { index: 0, id: "call_7", type: "function", function: { name: "weather", arguments: '{"city":"Rome"}' } }
      ]
      const weather = Tool.make("weather", {
        description: "Returns the weather of a city",
        parameters: { city: Schema.String },
        execute: ({ city }) => Effect.succeed(`rain canary in ${city}`)
      })
      const handler: Parameters<typeof serve>[0] = (response, request, index) =>
        index === 0
          ? sse(response, event({ tool_calls: calls }), finish("tool_calls"), counts, done).end()
          : answer(response, request, index)
      const loop = ToolLoop.run(hello, { name: "guide", tools: [weather] })
      const seen = yield* collected("agent-model", handler, {}, loop)
      const agent = seen.spans.find(({ name }) => name === "invoke_agent guide")
      expect(agent?.kind).toBe(1)
      expect(agent?.attributes).toMatchObject({
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "guide",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.usage.input_tokens": 6,
        "gen_ai.usage.output_tokens": 4,
        "llm_connectivity.steps": 2,
        "llm_connectivity.end_reason": "finished"
      })
      const tool = seen.spans.find(({ name }) => name === "execute_tool weather")
      expect(tool?.kind).toBe(1)
      expect(tool?.attributes).toEqual({
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "call_7",
        "gen_ai.tool.description": "Returns the weather of a city"
      })
      const below = seen.spans.filter(({ parentSpanId }) => parentSpanId === agent?.spanId)
      expect(below.map(({ name }) => name)).toEqual(["chat agent-model", "execute_tool weather", "chat agent-model"])
      expect(seen.text).not.toMatch(/canary|Rome|who are you/)
    })
  )

  it.live("no trace context at the provider", () =>
    Effect.gen(function* () {
      const { provider } = yield* collected("plain-model", answer, {}, collect(LLMClient.chatStream(hello)))
      expect(
        Object.keys(provider.requests[0]?.headers ?? {}).filter((name) => /^(?:traceparent|b3)$/.test(name))
      ).toEqual([])
    })
  )
})
