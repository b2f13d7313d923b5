/** The state of policies in Redis, shared by all processes that use the same prefix. */
import { Config, type ConfigError, Effect, Layer } from "effect"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import type { PolicyState } from "../../policy/PolicyState.js"
import * as RedisBreakers from "./RedisBreakers.js"
import * as RedisRateLimits from "./RedisRateLimits.js"
import * as RedisResponseCache from "./RedisResponseCache.js"
import * as RedisSpendLedgers from "./RedisSpendLedgers.js"
import { type RedisOptions, RedisStore } from "./RedisStore.js"

export type { RedisAddress, RedisClient } from "./RedisClient.js"
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
export const layer = (options: RedisOptions): Layer.Layer<PolicyState, MissingPeerError> =>
  Layer.provide(stores, RedisStore.layer(options))

/** Provides the state of all policies from the Redis whose URL is in `REDIS_URL`. */
export const layerConfig = (
  options: Omit<RedisOptions, "url" | "cluster" | "client">
): Layer.Layer<PolicyState, MissingPeerError | ConfigError.ConfigError> =>
  Layer.unwrapEffect(Effect.map(Config.redacted("REDIS_URL"), (url) => layer({ ...options, url })))
