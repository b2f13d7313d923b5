/** The state of all policies, in this process. */
import * as Layer from "effect/Layer"
import { Breakers } from "./breaker/Breakers.js"
import { ResponseCache } from "./cache/ResponseCache.js"
import { RateLimits } from "./limits/RateLimits.js"
import { SpendLedgers } from "./spending/SpendLedgers.js"

/** The services that policies with state require. */
export type PolicyState = Breakers | RateLimits | ResponseCache | SpendLedgers

/** The layers of the state of policies. */
export interface PolicyStateLayers {
  /** Holds the state of every policy in this process. `Redis.layer` of `llm-connectivity/redis` shares it. */
  readonly memory: Layer.Layer<PolicyState>
}

/**
 * Provides the state of policies. There is no default, so that a program says whether its processes share limits.
 *
 * ```ts
 * const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(PolicyState.memory))
 * ```
 */
export const PolicyState: PolicyStateLayers = {
  memory: Layer.mergeAll(Breakers.memory, RateLimits.memory, ResponseCache.memory, SpendLedgers.memory)
}
