/** The span of a call, by https://github.com/open-telemetry/semantic-conventions/blob/v1.41.0/docs/gen-ai/gen-ai-spans.md */
import * as Effect from "effect/Effect"
import type * as Tracer from "effect/Tracer"
import { toJsonText } from "../domain/JsonText.js"
import type { Usage } from "../domain/Usage.js"
import type { CallEvent } from "../provider/CallObserver.js"
import type { CallEnd, ObservedCall } from "./CallRecord.js"
import { errorType } from "./errorType.js"
import { outputMessages, requestContent } from "./messages.js"
import { attribute, providerName } from "./names.js"

/** The attributes of a span or of an event on it. */
export interface Attributes {
  readonly [name: string]: unknown
}

/** Starts the span of a call. */
export const startSpan = (call: ObservedCall): Effect.Effect<Tracer.Span> => {
  const { requested, request } = call
  return Effect.makeSpan(`${request.operation} ${requested.model}`, {
    kind: "client",
    captureStackTrace: false,
    attributes: defined({
      [attribute.operation]: request.operation,
      [attribute.provider]: providerName(requested.provider),
      [attribute.requestModel]: requested.model,
      ...requestAttributes(call)
    })
  })
}

const requestAttributes = ({ request, requested, traceContent }: ObservedCall): Attributes => {
  if (request.operation === "embeddings") {
    const { dimensions, input } = request.embed ?? {}
    return {
      [attribute.dimensions]: dimensions,
      [attribute.inputMessages]: traceContent ? embedMessages(input) : undefined
    }
  }
  const { maxTokens, temperature, topP, seed, stop, responseFormat } = request.chat ?? {}
  return {
    [attribute.stream]: request.isStream,
    [attribute.outputType]: responseFormat?.type,
    [attribute.maxTokens]: maxTokens,
    [attribute.temperature]: temperature,
    [attribute.topP]: topP,
    [attribute.seed]: seed,
    [attribute.stopSequences]: typeof stop === "string" ? [stop] : stop,
    ...(traceContent ? requestContent(request.chat, requested.provider) : {})
  }
}

const embedMessages = (input: string | ReadonlyArray<string> | undefined): string | undefined => {
  const texts = typeof input === "string" ? [input] : input
  return Array.isArray(texts)
    ? toJsonText([{ role: "user", parts: texts.map((content: unknown) => ({ type: "text", content })) }])
    : undefined
}

/** Sets what is known at the end of a call. After a fallback, provider and models are those that answered. */
export const setEnd = (span: Tracer.Span, end: CallEnd): void => {
  const { usage, error, server, message } = end
  setAll(span, {
    [attribute.provider]: providerName(end.provider),
    [attribute.requestModel]: end.requestModel,
    [attribute.responseModel]: end.responseModel,
    [attribute.responseId]: end.responseId,
    [attribute.finishReasons]: end.finishReason && [end.finishReason],
    [attribute.timeToFirstChunk]: end.timeToFirstChunk,
    [attribute.serverAddress]: server?.address,
    [attribute.serverPort]: server?.port,
    [attribute.inputTokens]: usage?.inputTokens,
    ...(end.operation === "embeddings" ? {} : outputUsage(usage)),
    [attribute.cost]: end.cost ?? undefined,
    [attribute.errorType]: error && errorType(error),
    [attribute.attempts]: error?.attempts,
    [attribute.outputMessages]: message && outputMessages(message, end.finishReason)
  })
}

/** The tokens besides those of the input. */
export const outputUsage = (usage: Usage | null): Attributes => ({
  [attribute.outputTokens]: usage?.outputTokens,
  [attribute.cacheReadTokens]: usage?.cacheReadTokens,
  [attribute.cacheWriteTokens]: usage?.cacheWriteTokens,
  [attribute.reasoningTokens]: usage?.reasoningTokens
})

/** Adds what happened during a call. `now` is in nanoseconds. */
export const addEvent = (span: Tracer.Span, event: CallEvent, now: bigint): void => {
  if (event.type === "request" || event.type === "response") return
  if (event.type === "retry") span.attribute(attribute.attempts, event.attempts)
  span.event(`llm_connectivity.${event.type.replace("-", "_")}`, now, defined(eventAttributes(event)))
}

const eventAttributes = (event: Exclude<CallEvent, { type: "request" | "response" }>): Attributes => {
  switch (event.type) {
    case "retry":
      return { ...failed(event), [attribute.wait]: event.waitMillis / 1000 }
    case "fallback":
      return { ...failed(event), ...target(event) }
    case "limiter-wait":
      return { [attribute.limiter]: event.limiter, [attribute.wait]: event.waitMillis / 1000 }
    case "cache-lookup":
      return { [attribute.cacheResult]: event.result }
    case "hedge":
      return target(event)
    case "target":
      return { [attribute.target]: event.name, ...target(event) }
    case "breaker":
      return {
        [attribute.breaker]: event.name,
        [attribute.provider]: providerName(event.target.provider),
        [attribute.requestModel]: event.target.model,
        [attribute.breakerState]: event.state
      }
    default:
      return event satisfies never
  }
}

/** The attempt that failed. */
const failed = ({ error }: Extract<CallEvent, { type: "retry" | "fallback" }>): Attributes => ({
  [attribute.errorType]: errorType(error),
  [attribute.provider]: providerName(error.provider),
  [attribute.requestModel]: error.model,
  "http.response.status_code": error.status
})

const target = ({ to }: Extract<CallEvent, { type: "fallback" | "hedge" | "target" }>): Attributes => ({
  [attribute.toProvider]: providerName(to.provider),
  [attribute.toModel]: to.model
})

/** Leaves out the attributes without a value. */
export const defined = (attributes: Attributes): { [name: string]: unknown } => {
  const kept: { [name: string]: unknown } = {}
  for (const name in attributes) if (attributes[name] !== undefined) kept[name] = attributes[name]
  return kept
}

/** Sets the attributes that have a value. */
export const setAll = (span: Tracer.Span, attributes: Attributes): void => {
  for (const name in attributes) if (attributes[name] !== undefined) span.attribute(name, attributes[name])
}
