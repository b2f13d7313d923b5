/** Repeats requests about batches. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { isRetryable, LLMError } from "../domain/LLMError.js"

/**
 * Repeats a request that fails with what trying again can help, after the waits of the schedule, or as long as the
 * provider asks for if that is longer. A provider that asks for more than `maxHint` is not waited for.
 */
export const retryTransient = <Out>(
  schedule: Schedule.Schedule<Out, LLMError>,
  maxHint: Duration.DurationInput
): (<A, R>(request: Effect.Effect<A, LLMError, R>) => Effect.Effect<A, LLMError, R>) =>
  Effect.retry({
    schedule: Schedule.modifyDelay(Schedule.passthrough(schedule), (error, delay) =>
      Duration.max(delay, hintOf(error))
    ),
    while: (error: LLMError) => isRetryable(error) && Duration.lessThanOrEqualTo(hintOf(error), maxHint)
  })

const hintOf = (error: LLMError): Duration.Duration => LLMError.retryAfter(error) ?? Duration.zero
