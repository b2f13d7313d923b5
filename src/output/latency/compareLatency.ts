/** Compares the latency of a streamed response with that of a non-streaming one. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { ChatOptions } from "../../client/ClientOptions.js"
import { LLMClient } from "../../client/LLMClient.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { LLMError } from "../../domain/LLMError.js"
import { type Latency, latencyOf } from "./Latency.js"

/** The latency of one request, sent both ways. */
export interface LatencyComparison {
  /** Until the non-streaming response arrived, which is when a user first sees any of it. */
  readonly nonStreaming: Duration.Duration
  /** The latency of the streamed response. */
  readonly streamed: Latency
  /** How many times sooner the first content was streamed; `null` without content, or if it came at once. */
  readonly timesSooner: number | null
}

/**
 * Sends a request twice, first non-streaming and then streaming, and compares the times. The provider bills both
 * requests.
 *
 * ```ts
 * const { nonStreaming, streamed, timesSooner } = yield* compareLatency({ messages, maxTokens: 100 })
 * ```
 */
export const compareLatency = (
  request: ChatRequest,
  options?: ChatOptions
): Effect.Effect<LatencyComparison, LLMError, LLMClient> =>
  Effect.gen(function* () {
    const [nonStreaming] = yield* Effect.timed(LLMClient.chat(request, options))
    const streamed = yield* latencyOf(LLMClient.chatStream(request, options))
    const first = Duration.toMillis(streamed.timeToFirstContent ?? Duration.zero)
    return { nonStreaming, streamed, timesSooner: first === 0 ? null : Duration.toMillis(nonStreaming) / first }
  })
