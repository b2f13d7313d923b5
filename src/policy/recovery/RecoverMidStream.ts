/** Recovers streams that fail after some output has been shown. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import { amountProblem } from "../../domain/checkOptions.js"
import { durationProblem } from "../../domain/durationProblem.js"
import { isRetryable, isTransient, type LLMError, withAttempts } from "../../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import type { CallObserver } from "../../provider/CallObserver.js"
import { CurrentResponse } from "../../provider/engine/CurrentResponse.js"
import { watchPull } from "../../provider/engine/watchPull.js"
import { type OpenOptions, type Policy, Provider } from "../../provider/Provider.js"
import { checkedPolicy } from "../checkedPolicy.js"

/** How a stream is recovered. */
export interface RecoverMidStreamOptions {
  /**
   * `"resume"` continues the same response on another connection, where the provider can: no text is lost and none
   * comes twice. `"reset"` sends the request again; the first chunk of the new response has `reset: true`. With both, a
   * response that cannot be resumed is reset.
   */
  readonly how: ReadonlyArray<"resume" | "reset">
  /**
   * How often one call is recovered at most, 1 by default. Each attempt to resume counts, but not the reset after one
   * that failed.
   */
  readonly times?: number | undefined
  /** The longest hint of the provider that is waited for, 120 seconds by default. A longer one fails the call. */
  readonly maxRetryDelay?: Duration.DurationInput | undefined
}

/**
 * Recovers a stream that fails with a `RateLimitError` or a `NetworkError` after output has been shown, which no other
 * policy does. It is opt-in, because after a reset a consumer sees a second response: `collect`, `print`,
 * `chatObjectStream` and the server-sent events drop the first one at `chunk.reset`, and code of your own must do the
 * same. `elements`, `EffectAi` and `openAIRoutes` cannot, and fail with a `NetworkError`. A reset costs the tokens of
 * both responses. Put it outside of `retry`, which handles failures before the first output.
 *
 * `"resume"` works with OpenAI's Responses in background mode, before the first output too: `api: "responses"` of
 * `OpenAI.layer`, and `providerOptions: { openai: { background: true } }` of a streamed request. Background mode needs
 * storage, so OpenAI rejects `store: false` with it. OpenAI keeps the response for some minutes, and finishes and bills
 * it even when nobody reads it. So a consumer who leaves cancels it, which takes up to 2 seconds after the socket is
 * closed. A response whose first event has not arrived has no id: it can neither be resumed nor cancelled.
 * https://platform.openai.com/docs/guides/background
 *
 * With an option that cannot be right, every call is a `ValidationError`.
 *
 * ```ts
 * LLMClient.fromProvider(OpenAI, {
 *   model: "gpt-5-mini",
 *   policies: [Policy.recoverMidStream({ how: ["resume", "reset"], times: 3 }), Policy.retry()]
 * }).pipe(Layer.provide(OpenAI.layer({ apiKey: Redacted.make("sk-…"), api: "responses" })))
 *
 * LLMClient.chatStream({ messages, providerOptions: { openai: { background: true } } })
 * ```
 */
export const recoverMidStream = (options: RecoverMidStreamOptions): Policy =>
  checkedPolicy(
    "the recovery in mid-stream",
    [amountProblem("times", options.times ?? 1), durationProblem("maxRetryDelay", options.maxRetryDelay ?? 0)],
    () => recovering(options)
  )

const recovering = (options: RecoverMidStreamOptions): Policy => {
  const { how, times = 1 } = options
  const maxRetryDelay = Duration.decode(options.maxRetryDelay ?? "120 seconds")
  const canResume = how.includes("resume")
  const canReset = how.includes("reset")
  return (provider) =>
    Provider.make({
      ...provider,
      open: (request, call) =>
        Effect.suspend(() => {
          const recoveries = new Recoveries(times, maxRetryDelay, call?.observer)
          const onResume: OpenOptions["onResume"] = canResume ? (error) => recoveries.resume(error) : undefined
          const opening = provider.open(request, { ...call, onResume })
          return recovered(opening, recoveries, canReset)
        })
    })
}

/** The recoveries of one call. */
class Recoveries {
  /** The requests that failed. */
  private failed = 0
  /** The attempts to resume since the last chunk. */
  private unanswered = 0

  constructor(
    private remaining: number,
    private readonly maxRetryDelay: Duration.Duration,
    private readonly observer: CallObserver | undefined
  ) {}

  /** Waits until the response may be resumed, or fails. */
  resume(error: LLMError): Effect.Effect<void, LLMError> {
    const delay = Duration.millis(resumeDelay(this.unanswered))
    const wait = this.waitFor(error, this.remaining > 0, delay)
    if (wait === undefined) return Effect.fail(error)
    this.remaining -= 1
    this.unanswered += 1
    return Effect.sleep(wait)
  }

  /** How long to wait before the request is sent again; `undefined` if it may not be. */
  reset(error: LLMError): Duration.Duration | undefined {
    const isFree = this.unanswered > 0
    const wait = this.waitFor(error, isFree || this.remaining > 0, Duration.zero)
    if (wait === undefined) return undefined
    if (!isFree) this.remaining -= 1
    this.unanswered = 0
    return wait
  }

  /** Records that the response goes on. */
  answered(): void {
    this.unanswered = 0
  }

  /** Puts the number of requests made into a failure. */
  count(error: LLMError): LLMError {
    return withAttempts(error, this.failed + error.attempts)
  }

  private waitFor(error: LLMError, isAllowed: boolean, delay: Duration.Duration): Duration.Duration | undefined {
    if (!isAllowed || !isTransient(error) || !isRetryable(error)) return undefined
    const hint = error.retryAfter ?? Duration.zero
    if (Duration.greaterThan(hint, this.maxRetryDelay)) return undefined
    const wait = Duration.max(delay, hint)
    this.failed += error.attempts
    this.observer?.onEvent({ type: "retry", error, attempts: this.failed + 1, waitMillis: Duration.toMillis(wait) })
    return wait
  }
}

/** In milliseconds: 0 after a connection on which something arrived, then 0.5, 1, 2, 4 and 8 seconds. */
const resumeDelay = (unanswered: number): number => (unanswered === 0 ? 0 : Math.min(250 * 2 ** unanswered, 8000))

const recovered = (opening: Opening, recoveries: Recoveries, canReset: boolean): Opening =>
  Effect.map(Effect.scope, (scope) => {
    const current = new CurrentResponse(opening, scope)
    let hasShown = false
    let isAgain = false
    const restart = Effect.suspend(() => {
      isAgain = true
      current.restart(opening)
      return pull
    })
    const recover = (error: LLMError): Pull => {
      const wait = hasShown && canReset ? recoveries.reset(error) : undefined
      return wait === undefined
        ? Effect.fail(recoveries.count(error))
        : Effect.zipRight(Effect.zipRight(current.close, Effect.sleep(wait)), restart)
    }
    const pull: Pull = watchPull(current.pull, {
      onChunks: (chunks) => {
        recoveries.answered()
        hasShown ||= chunks.some(hasOutput)
        if (!isAgain || chunks.length === 0) return chunks
        isAgain = false
        return marked(chunks)
      },
      onFailure: recover
    })
    return pull
  })

const marked = (chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> =>
  chunks.map((chunk, index) => (index === 0 ? { ...chunk, reset: true } : chunk))
