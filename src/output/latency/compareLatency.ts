/** Compares how long a reader durations for an answer that is streamed, and for one that comes in one piece. */
import { Duration, Effect } from "effect"
import type { ChatOptions } from "../../client/ClientOptions.js"
import { LLMClient } from "../../client/LLMClient.js"
import type { ChatRequest } from "../../domain/ChatRequest.js"
import type { LLMError } from "../../domain/LLMError.js"
import { type Latency, latencyOf } from "./Latency.js"

/** The same request, asked in both ways. */
export interface LatencyComparison {
  /** Until the whole answer was there, which is when a reader first sees anything of it. */
  readonly whole: Duration.Duration
  /** How fast the streamed one came. */
  readonly streamed: Latency
  /** How many times sooner the streamed one shows its first content; `null` where it had none, or at once. */
  readonly timesSooner: number | null
}

/**
 * Asks the same twice, one after the other, first for the whole answer and then for a stream, and compares the times.
 * Both are billed.
 *
 * ```ts
 * const { whole, streamed, timesSooner } = yield* compareLatency({ messages, maxTokens: 100 })
 * ```
 */
export const compareLatency = (
  request: ChatRequest,
  options?: ChatOptions
): Effect.Effect<LatencyComparison, LLMError, LLMClient> =>
  Effect.gen(function* () {
    const [whole] = yield* Effect.timed(LLMClient.chat(request, options))
    const streamed = yield* latencyOf(LLMClient.chatStream(request, options))
    const first = Duration.toMillis(streamed.timeToFirstContent ?? Duration.zero)
    return { whole, streamed, timesSooner: first === 0 ? null : Duration.toMillis(whole) / first }
  })
