/** Recovers streams that fail after some output has been shown. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { isRetryable, isTransient, type LLMError, withAttempts } from "../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../domain/StreamChunk.js"
import type { Opening, Pull } from "../provider/ChatStream.js"
import { type Policy, Provider } from "../provider/Provider.js"
import { CurrentResponse } from "./CurrentResponse.js"

/** How a stream is recovered. */
export interface RecoverMidStreamOptions {
  /**
   * `"reset"` requests the answer again; the first chunk of the new answer has `reset: true`.
   */
  readonly how: ReadonlyArray<"reset">
  /** How often one call is recovered at most, 1 by default. */
  readonly times?: number | undefined
  /** The longest hint of the provider that is waited for before a reset, 120 seconds by default. */
  readonly maxRetryDelay?: Duration.DurationInput | undefined
}

/**
 * Recovers a stream that fails with a `RateLimitError` or a `NetworkError` after output has been shown, which no other
 * policy does. It is opt-in, because after a reset a consumer sees a second answer: `collect`, `print`, `chatObjectStream`
 * and the server-sent events drop the first one at `chunk.reset`, and code of your own must do the same. A reset costs the
 * tokens of both answers. Put it outside of `retry`, which handles failures before the first output.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.recoverMidStream({ how: ["reset"], times: 2 }), Policy.retry()]
 * })
 * ```
 */
export const recoverMidStream = (options: RecoverMidStreamOptions): Policy => {
  const { how, times = 1 } = options
  const resets = how.includes("reset") ? times : 0
  const maxRetryDelay = Duration.decode(options.maxRetryDelay ?? "120 seconds")
  return (provider) =>
    Provider.make({
      ...provider,
      open: (request, call) => {
        const opening = provider.open(request, call)
        return resets === 0 ? opening : withResets(opening, resets, maxRetryDelay)
      }
    })
}

const withResets = (opening: Opening, resets: number, maxRetryDelay: Duration.Duration): Opening =>
  Effect.map(Effect.scope, (scope) => {
    const current = new CurrentResponse(opening, scope)
    let remaining = resets
    let failed = 0
    let hasShown = false
    let isAgain = false
    const recover = (error: LLMError): Pull => {
      const delay = delayOf(error)
      const counted = withAttempts(error, failed + error.attempts)
      if (!hasShown || remaining === 0 || delay === undefined || Duration.greaterThan(delay, maxRetryDelay)) {
        return Effect.fail(counted)
      }
      remaining -= 1
      failed += error.attempts
      isAgain = true
      return Effect.zipRight(
        Effect.zipRight(current.close, Effect.sleep(delay)),
        Effect.suspend(() => {
          current.restart(opening)
          return pull
        })
      )
    }
    const pull: Pull = Effect.matchEffect(current.pull, {
      onSuccess: (chunks) => {
        hasShown ||= chunks.some(hasOutput)
        if (!isAgain || chunks.length === 0) return Effect.succeed(chunks)
        isAgain = false
        return Effect.succeed(marked(chunks))
      },
      onFailure: recover
    })
    return pull
  })

/** How long to wait before the answer is requested again; `undefined` if that cannot help. */
const delayOf = (error: LLMError): Duration.Duration | undefined =>
  isTransient(error) && isRetryable(error) ? (error.retryAfter ?? Duration.zero) : undefined

const marked = (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> =>
  chunks.map((chunk, index) => (index === 0 ? { ...chunk, reset: true } : chunk))
