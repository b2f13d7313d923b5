/** Sets of policies, and the state that they need. */
import * as Layer from "effect/Layer"
import { ModelCatalog, Policy, PolicyState, ResponseCache, Spending } from "../../dist/index.js"

const retry = Policy.retry()
const fallback = Policy.fallback({ model: "gpt-4o" })
const rateLimit = Policy.rateLimit({ requests: 1e9, tokens: 1e12, per: "1 minute", maxWait: "30 seconds" })

let calls = 0

// No two calls share a response.
const cache = Policy.cache({ ttl: "1 hour", scope: () => String(calls++) })

/** Options of a client. The span and metrics of a call are always on. */
export const policySets = {
  telemetry: { policies: [] },
  retry: { policies: [retry] },
  fallback: { policies: [fallback] },
  rateLimit: { policies: [], limits: [rateLimit] },
  spending: { policies: [], guards: [Spending.policy] },
  cache: { policies: [cache] },
  all: { policies: [cache, fallback, retry], guards: [Spending.policy], limits: [rateLimit] }
}

/** The state of all policies, in this process. */
export const policyState = Spending.layer({ budget: { total: 1e6 }, unpriced: "allow" }).pipe(
  Layer.provideMerge(Layer.mergeAll(PolicyState.memory, ResponseCache.memory, ModelCatalog.layer))
)
