/** Cached responses in Redis, which deletes them when they expire. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { memoryCache, ResponseCache, type ResponseCacheService } from "../../policy/cache/ResponseCache.js"
import { RedisStore, type RedisStoreService } from "./RedisStore.js"
import { script } from "./Script.js"
import { unexpected } from "./ScriptRunner.js"

/** Shares responses through Redis. */
export const layer: Layer.Layer<ResponseCache, never, RedisStore> = Layer.effect(
  ResponseCache,
  Effect.zipWith(
    RedisStore,
    memoryCache(),
    (store, local): ResponseCacheService => ({
      get: (key) => read(store, key).pipe(store.orElse({ open: Effect.succeed(undefined), local: local.get(key) })),
      set: (key, entry, ttlMillis) =>
        write(store, key, entry, ttlMillis).pipe(
          store.orElse({ open: Effect.void, local: local.set(key, entry, ttlMillis) }),
          Effect.ignore
        )
    })
  )
)

const get = script(`return redis.call('GET', keys[1])`)

/** Arguments: the entry, and for how many milliseconds. */
const set = script(`redis.call('SET', keys[1], arg[1], 'PX', arg[2])`)

const groupOf = (key: string): string => `cache:${key}`

const read = (store: RedisStoreService, key: string) =>
  Effect.flatMap(store.run(get, { group: groupOf(key), args: [] }), (reply) => {
    if (reply === null || reply === undefined) return Effect.succeed(undefined)
    return typeof reply === "string" ? Effect.succeed(reply) : Effect.fail(unexpected)
  })

const write = (store: RedisStoreService, key: string, entry: string, ttlMillis: number) =>
  Effect.asVoid(store.run(set, { group: groupOf(key), args: [entry, Math.max(1, Math.ceil(ttlMillis))] }))
