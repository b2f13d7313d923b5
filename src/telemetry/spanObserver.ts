/** Traces a call with the attribute names of OpenTelemetry: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans */
import { Effect, Exit, type Tracer } from "effect"
import type { ChatRequest } from "../domain/ChatRequest.js"
import type { LLMError } from "../domain/LLMError.js"
import type { Origin } from "../domain/StreamChunk.js"
import type { Usage } from "../domain/Usage.js"
import type { Observer } from "./observe.js"

/** Makes the observer that traces one call. */
export const spanObserver = (asked: Origin, request: ChatRequest, traceContent: boolean): Effect.Effect<Observer> =>
  Effect.map(begin(asked, request, traceContent), observerOf)

interface Call {
  readonly span: Tracer.Span
  readonly now: () => bigint
  readonly traceContent: boolean
}

const begin = (asked: Origin, request: ChatRequest, traceContent: boolean): Effect.Effect<Call> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const span = yield* Effect.makeSpan(`chat ${asked.model}`, {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": asked.provider,
        "gen_ai.request.model": asked.model,
        ...requestAttributes(request),
        ...(traceContent ? { "gen_ai.input.messages": JSON.stringify(request?.messages) } : {})
      }
    })
    return { span, now: () => clock.unsafeCurrentTimeNanos(), traceContent }
  })

// A wrong request is traced too, before it is refused.
const requestAttributes = (request: Partial<ChatRequest> | null): Record<string, unknown> => ({
  ...(request?.maxTokens === undefined ? {} : { "gen_ai.request.max_tokens": request.maxTokens }),
  ...(request?.temperature === undefined ? {} : { "gen_ai.request.temperature": request.temperature }),
  ...(request?.topP === undefined ? {} : { "gen_ai.request.top_p": request.topP }),
  ...(request?.seed === undefined ? {} : { "gen_ai.request.seed": request.seed })
})

const observerOf = ({ span, now, traceContent }: Call): Observer => {
  const startedAt = now()
  let hasStarted = false
  let text = ""
  const answered = (origin: Origin | undefined, finishReason: string, usage: Usage | null): void => {
    span.attribute("gen_ai.response.finish_reasons", [finishReason])
    if (origin !== undefined) {
      span.attribute("gen_ai.provider.name", origin.provider)
      span.attribute("gen_ai.response.model", origin.model)
    }
    if (usage === null) return
    span.attribute("gen_ai.usage.input_tokens", usage.inputTokens)
    span.attribute("gen_ai.usage.output_tokens", usage.outputTokens)
    span.attribute("gen_ai.usage.cache_read.input_tokens", usage.cacheReadTokens)
    span.attribute("gen_ai.usage.cache_creation.input_tokens", usage.cacheWriteTokens)
  }
  return {
    span,
    onChunk: (chunk) => {
      if (!hasStarted) span.attribute("gen_ai.response.time_to_first_chunk", Number(now() - startedAt) / 1e9)
      hasStarted = true
      if (traceContent) text += chunk.content
      if (chunk.finishReason !== null) answered(chunk.origin, chunk.finishReason, chunk.usage)
    },
    onResponse: (response) => {
      text = response.content
      answered(response, response.finishReason, response.usage)
    },
    onEnd: (exit) =>
      Effect.sync(() => {
        if (traceContent && text !== "") span.attribute("gen_ai.output.messages", text)
        if (Exit.isFailure(exit) && exit.cause._tag === "Fail") failed(span, exit.cause.error)
        span.end(now(), exit)
      })
  }
}

const failed = (span: Tracer.Span, error: LLMError): void => {
  span.attribute("error.type", "reason" in error ? `${error._tag}.${error.reason}` : error._tag)
  span.attribute("llm_connectivity.attempts", error.attempts)
}
