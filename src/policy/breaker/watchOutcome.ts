/** Reports how requests end to a circuit breaker. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Opening } from "../../domain/ChatStream.js"
import { LLMError } from "../../domain/LLMError.js"
import { hasOutput, type StreamChunk } from "../../domain/StreamChunk.js"
import { beforeFirst, watchPull } from "../../provider/engine/watchPull.js"
import type { Outcome } from "./state.js"

/** Takes the outcome of one request. */
export type Report = (outcome: Outcome) => Effect.Effect<void>

const success: Outcome = { type: "success" }
const abandoned: Outcome = { type: "abandoned" }

/**
 * What a failure says about the provider: that it is down, or that it answers. Errors of requests that were never sent,
 * by a limit inside for instance, say nothing.
 */
export const outcomeOf = (error: LLMError): Outcome => {
  if (error.attempts === 0) return abandoned
  const isDown = error._tag === "NetworkError" || (error._tag === "RateLimitError" && error.reason === "Overloaded")
  return isDown ? { type: "failure", waitMillis: waitMillisOf(error) } : success
}

/** What a provider asked to wait, in milliseconds; 0 if it asked for nothing. */
export const waitMillisOf = (error: LLMError): number => Duration.toMillis(LLMError.retryAfter(error) ?? Duration.zero)

/**
 * Watches a response: the first output is its success. Reports once, and that the request was abandoned if it ends
 * without either. A stream that breaks after its first output is a failure as well.
 */
export const watch = (opening: Opening, report: Report, read: (error: LLMError) => Outcome): Opening =>
  Effect.suspend(() => {
    let isReported = false
    const reporting = (outcome: Outcome): Effect.Effect<void> =>
      Effect.suspend(() => {
        isReported = true
        return report(outcome)
      })
    const onFailure = (error: LLMError) => Effect.zipRight(reporting(read(error)), Effect.fail(error))
    const isSuccess = (chunk: StreamChunk) => hasOutput(chunk) || chunk.finishReason !== null
    return Effect.zipRight(
      Effect.addFinalizer(() => (isReported ? Effect.void : report(abandoned))),
      Effect.map(Effect.catchAll(opening, onFailure), (pull) =>
        watchPull(pull, { onChunks: beforeFirst(isSuccess, reporting(success)), onFailure })
      )
    )
  })

/** Watches embeddings in the same way. */
export const watchEmbedding = <A>(
  embedding: Effect.Effect<A, LLMError>,
  report: Report,
  read: (error: LLMError) => Outcome
): Effect.Effect<A, LLMError> =>
  Effect.onExit(embedding, (exit) => {
    if (Exit.isSuccess(exit)) return report(success)
    return report(Option.match(Cause.failureOption(exit.cause), { onNone: () => abandoned, onSome: read }))
  })
