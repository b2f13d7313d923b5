/** Bounds how many requests of this process are in progress at the same time. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkOptions, countProblem } from "../../domain/checkOptions.js"
import { durationProblem } from "../../domain/durationProblem.js"
import { type LLMError, RateLimitError, type ValidationError } from "../../domain/LLMError.js"
import { type CallOptions, type Policy, Provider } from "../../provider/Provider.js"
import { waitingFor } from "../callWait.js"
import { FairSemaphore, priorityOf } from "./FairSemaphore.js"
import { reportWait } from "./limiterWait.js"

/** The options of a concurrency bound. */
export interface ConcurrencyOptions {
  /** The most requests in progress. A stream is in progress until it ends or its consumer leaves. */
  readonly requests: number
  /** How long a call may wait for its turn, 60 seconds by default. A longer wait is a `RateLimitError`. */
  readonly maxWait?: Duration.DurationInput | undefined
}

/**
 * Bounds how many requests are in progress at the same time in this process. Calls that wait go by `priority`, and in
 * turn by `caller`, so that one caller cannot keep the others out. Options that cannot be right are a `ValidationError` of
 * the layer.
 *
 * ```ts
 * LLMClient.layer({ model: "ollama/llama3.2", limits: [Policy.concurrency({ requests: 4 })] })
 * ```
 */
export const concurrency = ({
  requests,
  maxWait = "60 seconds"
}: ConcurrencyOptions): Effect.Effect<Policy, ValidationError> =>
  Effect.map(
    checkOptions("the concurrency bound", [countProblem("requests", requests), durationProblem("maxWait", maxWait)]),
    () => bounded(requests, Duration.decode(maxWait))
  )

const bounded = (requests: number, patience: Duration.Duration): Policy => {
  const semaphore = new FairSemaphore(requests)
  return (provider) => {
    const permit = (
      model: string | undefined,
      options: CallOptions | undefined
    ): Effect.Effect<void, LLMError, Scope.Scope> => {
      const turn = Effect.timeoutFail(semaphore.take(options?.caller ?? "", priorityOf(options?.priority)), {
        duration: patience,
        onTimeout: () => busy(provider.name, model ?? "", requests, patience)
      })
      return Effect.map(waitingFor(turn, options), (waitMillis) => reportWait(options, "concurrency", waitMillis))
    }
    const { embeddings } = provider
    return Provider.make({
      ...provider,
      open: (request, options) => Effect.zipRight(permit(request?.model, options), provider.open(request, options)),
      embeddings: embeddings && {
        ...embeddings,
        embed: (request, options) =>
          Effect.scoped(Effect.zipRight(permit(request?.model, options), embeddings.embed(request, options)))
      }
    })
  }
}

const busy = (provider: string, model: string, requests: number, patience: Duration.Duration): RateLimitError =>
  new RateLimitError({
    provider,
    model,
    reason: "RateLimit",
    attempts: 0,
    message:
      `the request to ${provider} was not sent: ${requests} requests were in progress for all of the ` +
      `${Duration.toMillis(patience)} ms that it may wait; try again later, or raise requests or maxWait`
  })
