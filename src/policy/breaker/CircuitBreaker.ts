/** Sends no requests to a provider that fails, until one probe succeeds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { checkOptions, countProblem } from "../../domain/checkOptions.js"
import { finiteDurationProblem, type OptionProblem, positiveDurationProblem } from "../../domain/durationProblem.js"
import { type LLMError, NetworkError, type ValidationError } from "../../domain/LLMError.js"
import type { Origin } from "../../domain/StreamChunk.js"
import { type CallOptions, type Policy, Provider } from "../../provider/Provider.js"
import { refusedByStore } from "../StateUnavailable.js"
import { Breakers } from "./Breakers.js"
import { type BreakerUse, ObservedBreakers } from "./ObservedBreakers.js"
import type { BreakerSettings } from "./state.js"
import { outcomeOf, type Report, watch, watchEmbedding } from "./watchOutcome.js"

/** When a breaker opens and closes. */
export interface BreakerOptions {
  /** How many failures in a row open it, 5 by default. */
  readonly failures?: number | undefined
  /** How long no request is sent before each probe, 1 second by default. A longer hint of the provider wins. */
  readonly coolDown?: Duration.DurationInput | undefined
  /** How long the admitted requests grow, from 1 to 1,024, after a probe has succeeded; 1 second by default. */
  readonly ramp?: Duration.DurationInput | undefined
  /** How long a probe may go without a result before another one is sent, 30 seconds by default. */
  readonly probeTimeout?: Duration.DurationInput | undefined
}

/** The options of `Policy.circuitBreaker`. */
export interface CircuitBreakerOptions extends BreakerOptions {
  /** What the breaker stands for; the provider and the model by default. */
  readonly key?: string | undefined
}

/** Reads the settings of a breaker. */
export const settingsOf = (options: BreakerOptions): BreakerSettings => ({
  failures: options.failures ?? 5,
  coolDownMillis: Duration.toMillis(options.coolDown ?? "1 second"),
  rampMillis: Duration.toMillis(options.ramp ?? "1 second"),
  probeMillis: Duration.toMillis(options.probeTimeout ?? "30 seconds")
})

/** What is wrong with the settings of a breaker. */
export const breakerProblems = (options: BreakerOptions): ReadonlyArray<OptionProblem> => [
  countProblem("failures", options.failures ?? 1),
  finiteDurationProblem("coolDown", options.coolDown ?? 0),
  finiteDurationProblem("ramp", options.ramp ?? 0),
  positiveDurationProblem("probeTimeout", options.probeTimeout ?? 1)
]

/**
 * Stops sending requests to a provider that is down: after 5 failures in a row, calls fail at once with a `NetworkError`
 * whose `retryAfter` says when the breaker tries again. One of the calls that come then is the probe. When it shows output,
 * the others follow, twice as many each tenth of a second. `NetworkError` and an overloaded provider count as failures,
 * also in mid-stream; rate limits and rejected requests do not. Put it inside of `retry`, which waits as it says. Options
 * that cannot be right are a `ValidationError` of the layer.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.retry(), Policy.circuitBreaker({ coolDown: "2 seconds" })]
 * }).pipe(Layer.provide(PolicyState.memory))
 * ```
 */
export const circuitBreaker = (options: CircuitBreakerOptions = {}): Effect.Effect<Policy, ValidationError, Breakers> =>
  Effect.zipRight(checkOptions("the circuit breaker", breakerProblems(options)), guarding(options))

const guarding = (options: CircuitBreakerOptions): Effect.Effect<Policy, never, Breakers> =>
  Effect.map(Breakers, (breakers) => {
    const observed = new ObservedBreakers(breakers, settingsOf(options))
    return (provider: Provider) => {
      const guard = (model: string | undefined, call: CallOptions | undefined) => {
        const target = { provider: provider.name, model: model ?? "" }
        const name = options.key ?? `${target.provider}/${target.model}`
        return new Guard(observed, { name, target, observer: call?.observer })
      }
      const { embeddings } = provider
      return Provider.make({
        ...provider,
        open: (request, call) =>
          Effect.suspend(() =>
            guard(request?.model, call).around((report) => watch(provider.open(request, call), report, outcomeOf))
          ),
        embeddings: embeddings && {
          ...embeddings,
          embed: (request, call) =>
            Effect.scoped(
              guard(request?.model, call).around((report) =>
                watchEmbedding(embeddings.embed(request, call), report, outcomeOf)
              )
            )
        }
      })
    }
  })

/** One breaker of one provider. */
class Guard {
  constructor(
    private readonly breakers: ObservedBreakers,
    private readonly use: BreakerUse
  ) {}

  around<A>(
    send: (report: Report) => Effect.Effect<A, LLMError, Scope.Scope>
  ): Effect.Effect<A, LLMError, Scope.Scope> {
    const { target } = this.use
    return Effect.flatMap(
      Effect.mapError(this.breakers.admit(this.use), refusedByStore(target.provider, target.model)),
      (admission) =>
        admission.type === "rejected"
          ? Effect.fail(isOpen(target, admission.waitMillis))
          : send(this.breakers.reporter(this.use, admission.isWatched))
    )
  }
}

/** The error of a request that was not sent because a breaker is open. */
const isOpen = ({ provider, model }: Origin, waitMillis: number): NetworkError =>
  new NetworkError({
    provider,
    model,
    reason: "Server",
    attempts: 0,
    retryAfter: Duration.millis(waitMillis),
    message:
      `the request to ${provider} was not sent, because its latest requests failed; ` +
      `the circuit breaker tries again in ${Math.ceil(waitMillis)} ms`
  })
