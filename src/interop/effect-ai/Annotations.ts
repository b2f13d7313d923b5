/** What the spans of @effect/ai tell of a call, with the names of OpenTelemetry and without what was said. */
import { addGenAIAnnotations } from "@effect/ai/Telemetry"
import type { Tracer } from "effect"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { ChatResponse } from "../../domain/ChatResponse.js"

/** Tells what is asked. */
export const annotateRequest = (span: Tracer.Span, request: ChatRequest): void =>
  addGenAIAnnotations(span, {
    operation: { name: "chat" },
    request: {
      model: request.model,
      maxTokens: request.maxTokens,
      temperature: request.temperature,
      topP: request.topP,
      seed: request.seed
    }
  })

/** Tells what was answered. */
export const annotateResponse = (span: Tracer.Span, response: ChatResponse): void =>
  addGenAIAnnotations(span, {
    system: response.provider,
    response: { model: response.model, finishReasons: [response.finishReason] },
    usage: { inputTokens: response.usage?.inputTokens, outputTokens: response.usage?.outputTokens }
  })
