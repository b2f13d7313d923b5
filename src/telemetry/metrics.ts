/** The metrics of calls: those of https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-metrics.md, and ours. */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type { CallEvent, CircuitState } from "../provider/CallObserver.js"
import type { CallEnd } from "./CallRecord.js"
import { errorType } from "./errorType.js"
import { attribute, providerName } from "./names.js"
import { type Labels, type SeriesAttributes, SeriesLabels } from "./SeriesLabels.js"

// The boundaries are those of the conventions. Exporters read the unit from the label `unit`.
const seconds = MetricBoundaries.fromIterable([
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92
])
const firstChunkSeconds = MetricBoundaries.fromIterable([
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10
])
const chunkSeconds = MetricBoundaries.fromIterable([
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5
])
const tokens = MetricBoundaries.fromIterable(Array.from({ length: 14 }, (_, power) => 4 ** power))

const duration = Metric.histogram("gen_ai.client.operation.duration", seconds, "Duration of a call, retries included")
const timeToFirstChunk = Metric.histogram(
  "gen_ai.client.operation.time_to_first_chunk",
  firstChunkSeconds,
  "Time from a streaming call to its first chunk, retries included"
)
const timePerOutputChunk = Metric.histogram(
  "gen_ai.client.operation.time_per_output_chunk",
  chunkSeconds,
  "Mean time between the chunks of a streaming call"
)
const tokenUsage = Metric.histogram("gen_ai.client.token.usage", tokens, "Tokens of a call")
const cost = Metric.counter("llm_connectivity.client.cost", { description: "Cost of calls", incremental: true })
const retries = Metric.counter("llm_connectivity.client.retries", {
  description: "Attempts that failed and were repeated",
  incremental: true
})
const fallbacks = Metric.counter("llm_connectivity.client.fallbacks", {
  description: "Calls that another target got after a failure",
  incremental: true
})
const hedges = Metric.counter("llm_connectivity.client.hedges", {
  description: "Requests sent beside a slow one",
  incremental: true
})
const targets = Metric.counter("llm_connectivity.client.targets", {
  description: "Requests by the target that load balancing chose",
  incremental: true
})
const cacheLookups = Metric.counter("llm_connectivity.client.cache_lookups", {
  description: "Lookups of responses in a cache",
  incremental: true
})
const limiterWait = Metric.histogram(
  "llm_connectivity.client.limiter_wait",
  seconds,
  "Time that a call waited for a limiter"
)
const breakerState = Metric.gauge("llm_connectivity.client.breaker_state", {
  description: "State of a circuit breaker: 0 closed, 1 half-open, 2 open"
})

// Effect's registry of metrics is one per process too.
const series = new SeriesLabels(
  [attribute.requestModel, attribute.responseModel, attribute.breaker, attribute.target],
  500
)

/** Updates a metric. Effect's own labels, by `Effect.tagMetrics`, are those of the fiber that made the call. */
const update = (
  metric: Pick<typeof duration, "unsafeUpdate">,
  value: number,
  attributes: SeriesAttributes,
  ofFiber: Labels
): void => {
  const labels = series.of(attributes)
  metric.unsafeUpdate(value, ofFiber.length === 0 ? labels : [...ofFiber, ...labels])
}

/** Records a call when it has ended. */
export const recordEnd = (end: CallEnd, ofFiber: Labels): void => {
  const { usage, error } = end
  const call = callAttributes(end)
  const inSeconds = { ...call, unit: "s" }
  update(duration, end.duration, { ...inSeconds, [attribute.errorType]: error && errorType(error) }, ofFiber)
  if (end.timeToFirstChunk !== undefined) update(timeToFirstChunk, end.timeToFirstChunk, inSeconds, ofFiber)
  if (end.timePerOutputChunk !== undefined) update(timePerOutputChunk, end.timePerOutputChunk, inSeconds, ofFiber)
  if (usage !== null && !end.fromCache) {
    const counted = { ...call, unit: "{token}" }
    update(tokenUsage, usage.inputTokens, { ...counted, [attribute.tokenType]: "input" }, ofFiber)
    if (end.operation !== "embeddings")
      update(tokenUsage, usage.outputTokens, { ...counted, [attribute.tokenType]: "output" }, ofFiber)
  }
  if (end.cost !== null && end.cost > 0) update(cost, end.cost, { ...call, unit: "{USD}" }, ofFiber)
}

const callAttributes = (end: CallEnd): SeriesAttributes => ({
  [attribute.operation]: end.operation,
  [attribute.provider]: providerName(end.provider),
  [attribute.requestModel]: end.requestModel,
  [attribute.responseModel]: end.responseModel,
  [attribute.serverAddress]: end.server?.address,
  [attribute.serverPort]: end.server && String(end.server.port)
})

/** Records what happened during a call. */
export const recordEvent = (event: CallEvent, called: SeriesAttributes, ofFiber: Labels): void => {
  switch (event.type) {
    case "retry":
      return update(retries, 1, { ...failed(event), unit: "{retry}" }, ofFiber)
    case "fallback":
      return update(fallbacks, 1, { ...failed(event), ...to(event), unit: "{fallback}" }, ofFiber)
    case "hedge":
      return update(hedges, 1, { ...called, ...to(event), unit: "{request}" }, ofFiber)
    case "limiter-wait":
      return update(
        limiterWait,
        event.waitMillis / 1000,
        { ...called, [attribute.limiter]: event.limiter, unit: "s" },
        ofFiber
      )
    case "target":
      return update(targets, 1, { ...called, ...to(event), [attribute.target]: event.name, unit: "{request}" }, ofFiber)
    case "cache-lookup":
      return update(cacheLookups, 1, { ...called, [attribute.cacheResult]: event.result, unit: "{lookup}" }, ofFiber)
    case "breaker":
      return update(breakerState, breakerStates[event.state], ofBreaker(event), ofFiber)
    default:
      return
  }
}

const breakerStates: { readonly [State in CircuitState]: number } = { closed: 0, "half-open": 1, open: 2 }

const ofTarget = ({ provider, model }: { readonly provider: string; readonly model: string }): SeriesAttributes => ({
  [attribute.provider]: providerName(provider),
  [attribute.requestModel]: model
})

const ofBreaker = ({ name, target }: Extract<CallEvent, { type: "breaker" }>): SeriesAttributes => ({
  ...ofTarget(target),
  [attribute.breaker]: name
})

const failed = ({ error }: Extract<CallEvent, { type: "retry" | "fallback" }>): SeriesAttributes => ({
  ...ofTarget(error),
  [attribute.errorType]: errorType(error)
})

// The target's model is left out, so that pairs of models do not multiply.
const to = (event: Extract<CallEvent, { type: "fallback" | "hedge" | "target" }>): SeriesAttributes => ({
  [attribute.toProvider]: providerName(event.to.provider)
})
