/** The state of policies, and runs, in Redis: shared by all processes that use the same prefix. */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { ApprovalStore } from "../../policy/ApprovalStore.js"
import type { PolicyState } from "../../policy/PolicyState.js"
import type { RunStore } from "../../runs/RunStore.js"
import * as RedisApprovals from "./RedisApprovals.js"
import * as RedisBreakers from "./RedisBreakers.js"
import * as RedisRateLimits from "./RedisRateLimits.js"
import * as RedisResponseCache from "./RedisResponseCache.js"
import * as RedisRuns from "./RedisRuns.js"
import * as RedisSpendLedgers from "./RedisSpendLedgers.js"
import { type RedisOptions, RedisStore } from "./RedisStore.js"

export type { ApprovalStoreOptions } from "./RedisApprovals.js"
export type { RedisAddress, RedisClient, RedisSubscriber } from "./RedisClient.js"

import type { ApprovalStoreOptions } from "./RedisApprovals.js"
import type { RunStoreOptions } from "./RedisRuns.js"

export type { RunStoreOptions } from "./RedisRuns.js"
export type { OnUnavailable, RedisOptions } from "./RedisStore.js"

const stores: Layer.Layer<PolicyState, never, RedisStore> = Layer.mergeAll(
  RedisBreakers.layer,
  RedisRateLimits.layer,
  RedisResponseCache.layer,
  RedisSpendLedgers.layer
)

/**
 * Provides the state of all policies from Redis 6.2 or later, or from a Redis Cluster, with `ioredis` 5. Every command
 * has a time limit, and times are the server's. A server that cannot be reached does not fail the layer: calls do what
 * `onUnavailable` says, and Redis is used again when it is back.
 *
 * ```ts
 * const state = Redis.layer({ url: "redis://cache.internal:6379", keyPrefix: "app:llm:", onUnavailable: "local" })
 * const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(Layer.provide(state))
 * ```
 */
export const layer = (options: RedisOptions): Layer.Layer<PolicyState, MissingPeerError | ValidationError> =>
  Layer.provide(stores, RedisStore.layer(options))

/** Provides the state of all policies from the Redis whose URL is in `REDIS_URL`. */
export const layerConfig = (
  options: Omit<RedisOptions, "url" | "cluster" | "client">
): Layer.Layer<PolicyState, MissingPeerError | ValidationError | ConfigError.ConfigError> =>
  fromUrl((url) => layer({ ...options, url }))

const fromUrl = <A, E>(layerOf: (url: Redacted.Redacted<string>) => Layer.Layer<A, E>) =>
  Layer.unwrapEffect(Effect.map(Config.redacted("REDIS_URL"), layerOf))

/**
 * Provides the store of runs from Redis 6.2 or later, or from a Redis Cluster, with `ioredis` 5. Times are the server's,
 * and every key expires. While Redis cannot be reached its methods fail with `StateUnavailable`. Let the server write what
 * it has to a disk (`appendonly yes`), so that runs survive its restart.
 *
 * ```ts
 * const store = Redis.runStore({ url: "redis://cache.internal:6379", keyPrefix: "app:llm:" })
 * ```
 */
export const runStore = (options: RunStoreOptions): Layer.Layer<RunStore, MissingPeerError | ValidationError> =>
  RedisRuns.layer(options)

/** Provides the store of runs from the Redis whose URL is in `REDIS_URL`. */
export const runStoreConfig = (
  options: Omit<RunStoreOptions, "url" | "cluster" | "client"> = {}
): Layer.Layer<RunStore, MissingPeerError | ValidationError | ConfigError.ConfigError> =>
  fromUrl((url) => runStore({ ...options, url }))

/**
 * Makes the store of used approvals in Redis 6.2 or later, or in a Redis Cluster, with `ioredis` 5, so that an approval
 * lets a call run once, by however many processes. Keys expire a day after the approval. While Redis cannot be reached,
 * approvals are refused and nothing runs.
 *
 * ```ts
 * Approvals.layer({ secret: Redacted.make(secret), store: Redis.approvalStore({ url: "redis://cache.internal:6379" }) })
 * ```
 */
export const approvalStore = (
  options: ApprovalStoreOptions
): Effect.Effect<ApprovalStore, MissingPeerError | ValidationError, Scope.Scope> => RedisApprovals.make(options)
