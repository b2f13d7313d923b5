/**
 * Policies change how a provider behaves: they retry, fall back, limit. A policy is a function from provider to
 * provider; one with state is an `Effect` of it, which a layer runs once.
 *
 * ```ts
 * LLMClient.layer({
 *   model: "openai/gpt-4o-mini",
 *   policies: [Policy.fallback("anthropic/claude-sonnet-4-5"), Policy.retry({ maxRetryDelay: "10 seconds" })]
 * })
 * ```
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Policy, Provider, type ProviderDefinition } from "../provider/Provider.js"

export type { Policy } from "../provider/Provider.js"
export type { BalanceTarget, BalanceTargets, LoadBalanceOptions } from "./balance/LoadBalance.js"
export { loadBalance } from "./balance/LoadBalance.js"
export type { BreakerOptions, CircuitBreakerOptions } from "./breaker/CircuitBreaker.js"
export { circuitBreaker } from "./breaker/CircuitBreaker.js"
export { type CacheOptions, type CacheScope, cache, type SingleFlightOptions, singleFlight } from "./cache/Cache.js"
export { extractReasoning } from "./extractReasoning.js"
export { type ConcurrencyOptions, concurrency } from "./limits/Concurrency.js"
export { type LimitedCall, type RateLimitOptions, rateLimit } from "./limits/RateLimit.js"
export { type ChangeRequest, mapRequest } from "./MapRequest.js"
export { type FallbackOptions, type FallbackTarget, fallback } from "./recovery/Fallback.js"
export { type HedgeOptions, hedge, type LatencyQuantile } from "./recovery/Hedge.js"
export { type RecoverMidStreamOptions, recoverMidStream } from "./recovery/RecoverMidStream.js"
export { defaultPolicy, type RetryOptions, retry } from "./recovery/Retry.js"
export { type RetryBudget, type RetryBudgetOptions, retryBudget } from "./recovery/RetryBudget.js"

/** A policy, or an effect that makes one. */
export type AnyPolicy<E = never, R = never> = Policy | Effect.Effect<Policy, E, R>

/** The errors of the effects among policies. */
export type ErrorOf<P> = P extends Effect.Effect<Policy, infer E, unknown> ? E : never

/** The services that the effects among policies require, besides a scope. */
export type ContextOf<P> = P extends Effect.Effect<Policy, unknown, infer R> ? Exclude<R, Scope.Scope> : never

/**
 * Makes a policy from what it changes of a provider; what it leaves out stays. `open` covers streaming and
 * non-streaming responses. To see or change chunks, map the pull: that costs one closure per network read.
 *
 * ```ts
 * const shout = Policy.make(({ open }) => ({
 *   open: (request, options) =>
 *     Effect.map(open(request, options), (pull) =>
 *       Effect.map(pull, (chunks) => chunks.map((chunk) => ({ ...chunk, content: chunk.content.toUpperCase() })))
 *     )
 * }))
 * ```
 */
export const make =
  (change: (provider: Provider) => Partial<ProviderDefinition>): Policy =>
  (provider) =>
    Provider.make({ ...provider, ...change(provider) })

/**
 * Composes policies, the outermost first: `compose(fallback, retry)` retries each provider before it falls back.
 * `compose()` changes nothing. The usual order is: cache, spending, fallback, retry, hedge, load balance, and for each
 * target: concurrency, circuit breaker, rate limit.
 */
export const compose =
  (...policies: ReadonlyArray<Policy>): Policy =>
  (provider) =>
    policies.reduceRight((inner, policy) => policy(inner), provider)

/** Makes the policies of a list, in its order, and composes them. */
export const composeAll = <P extends AnyPolicy<unknown, unknown>>(
  policies: ReadonlyArray<P>
): Effect.Effect<Policy, ErrorOf<P>, ContextOf<P> | Scope.Scope> => {
  const made = Effect.forEach(policies, (policy: AnyPolicy<unknown, unknown>) =>
    Effect.isEffect(policy) ? policy : Effect.succeed(policy)
  )
  // The compiler forgets the errors and services of the elements, because it infers one type for all.
  return Effect.map(made, (all) => compose(...all)) as Effect.Effect<Policy, ErrorOf<P>, ContextOf<P> | Scope.Scope>
}
