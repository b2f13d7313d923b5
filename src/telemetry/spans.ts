/** Traces calls with OpenTelemetry's names: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans */
import { Effect, Exit, type Tracer } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { EmbedRequest } from "../domain/Embedding.js"
import { toJsonText } from "../domain/JsonText.js"
import type { LLMError } from "../domain/LLMError.js"
import type { Origin } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { Observer } from "./observe.js"

/** A call to trace. */
export interface TracedCall {
  readonly requested: Origin
  /** Whether to put messages and responses on the span. */
  readonly traceContent: boolean
  readonly request:
    | { readonly operation: "chat"; readonly isStream: boolean; readonly chat: Partial<ChatRequest> | null }
    | { readonly operation: "embeddings"; readonly embed: Partial<EmbedRequest> | null }
}

/** Makes the observer that traces one call. */
export const spanObserver = (call: TracedCall): Effect.Effect<Observer> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const { requested, request } = call
    const span = yield* Effect.makeSpan(`${request.operation} ${requested.model}`, {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "gen_ai.operation.name": request.operation,
        "gen_ai.provider.name": requested.provider,
        "gen_ai.request.model": requested.model,
        ...requestAttributes(call)
      }
    })
    return observerOf(call, span, () => clock.unsafeCurrentTimeNanos())
  })

// Invalid requests are traced too, before they are refused.
const requestAttributes = ({ request, traceContent }: TracedCall): { readonly [name: string]: unknown } => {
  if (request.operation === "embeddings")
    return traceContent ? { "gen_ai.input.messages": toJsonText(request.embed?.input) } : {}
  const { maxTokens, temperature, topP, seed, messages } = request.chat ?? {}
  return defined({
    "gen_ai.request.max_tokens": maxTokens,
    "gen_ai.request.temperature": temperature,
    "gen_ai.request.top_p": topP,
    "gen_ai.request.seed": seed,
    "gen_ai.input.messages": traceContent ? toJsonText(messages) : undefined
  })
}

const defined = (attributes: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined))

const observerOf = ({ request, traceContent }: TracedCall, span: Tracer.Span, now: () => bigint): Observer => {
  const startedAt = now()
  const isStream = request.operation === "chat" && request.isStream
  let hasStarted = false
  let text = ""
  return {
    span,
    onChunks: (chunks) => {
      const last = chunks.at(-1)
      if (last === undefined) return
      if (isStream && !hasStarted) {
        span.attribute("gen_ai.response.time_to_first_chunk", Number(now() - startedAt) / 1e9)
      }
      hasStarted = true
      if (traceContent) for (const { content } of chunks) text += content
      if (last.finishReason === null) return
      span.attribute("gen_ai.response.finish_reasons", [last.finishReason])
      if (last.origin !== undefined) setOrigin(span, last.origin)
      if (last.usage !== null) setUsage(span, last.usage)
    },
    onEmbeddings: (response) => {
      setOrigin(span, response)
      if (response.usage !== null) span.attribute("gen_ai.usage.input_tokens", response.usage.inputTokens)
    },
    onEnd: (exit) =>
      Effect.sync(() => {
        if (traceContent && text !== "") span.attribute("gen_ai.output.messages", text)
        if (Exit.isFailure(exit) && exit.cause._tag === "Fail") setError(span, exit.cause.error)
        span.end(now(), exit)
      })
  }
}

const setOrigin = (span: Tracer.Span, { provider, model }: Pick<Origin, "provider" | "model">): void => {
  span.attribute("gen_ai.provider.name", provider)
  span.attribute("gen_ai.response.model", model)
}

const setUsage = (span: Tracer.Span, usage: Usage): void => {
  span.attribute("gen_ai.usage.input_tokens", usage.inputTokens)
  span.attribute("gen_ai.usage.output_tokens", usage.outputTokens)
  span.attribute("gen_ai.usage.cache_read.input_tokens", usage.cacheReadTokens)
  span.attribute("gen_ai.usage.cache_creation.input_tokens", usage.cacheWriteTokens)
}

const setError = (span: Tracer.Span, error: LLMError): void => {
  span.attribute("error.type", "reason" in error ? `${error._tag}.${error.reason}` : error._tag)
  span.attribute("llm_connectivity.attempts", error.attempts)
}
