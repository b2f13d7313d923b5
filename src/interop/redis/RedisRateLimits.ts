/** The buckets of rate limits in Redis, on its clock. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { intervalOf, slackOf, type UnitLimit } from "../../policy/limits/gcra.js"
import {
  type Booking,
  type BookingRequest,
  memoryRateLimits,
  type Observation,
  RateLimits,
  type RateLimitsService
} from "../../policy/limits/RateLimits.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import { RedisStore, type RedisStoreService } from "./RedisStore.js"
import * as scripts from "./rateLimitScripts.js"
import { unexpected } from "./ScriptRunner.js"

/** Shares the buckets through Redis. */
export const layer: Layer.Layer<RateLimits, never, RedisStore> = Layer.effect(
  RateLimits,
  Effect.zipWith(RedisStore, memoryRateLimits, (store, local): RateLimitsService => {
    const book = (request: BookingRequest) =>
      bookShared(store, request).pipe(store.orElse({ open: Effect.succeed(admitted), local: local.book(request) }))
    const observe = (bucket: string, observations: ReadonlyArray<Observation>) =>
      observeShared(store, bucket, observations).pipe(
        store.orElse({ open: Effect.void, local: local.observe(bucket, observations) }),
        Effect.ignore
      )
    return { book, observe }
  })
)

const admitted: Booking = { isBooked: true, waitMillis: 0, settle: () => Effect.void }

const limitArgs = (limit: UnitLimit) => [limit.unit, limit.burst, intervalOf(limit), slackOf(limit), limit.windowMillis]

const groupOf = (bucket: string): string => `rate:${bucket}`

const bookShared = (
  store: RedisStoreService,
  { bucket, amounts, maxWaitMillis }: BookingRequest
): Effect.Effect<Booking, StateUnavailable> => {
  const call = {
    group: groupOf(bucket),
    args: [maxWaitMillis, ...amounts.flatMap(({ limit, amount }) => [...limitArgs(limit), amount])]
  }
  return Effect.flatMap(store.run(scripts.book, call), (reply) => {
    const [isBooked, waitMillis, ...until] = Array.isArray(reply) ? reply.map(Number) : []
    if (isBooked === undefined || waitMillis === undefined) return Effect.fail(unexpected)
    const settle = (used: ReadonlyArray<number>) => {
      const changed = amounts.flatMap(({ limit, amount }, index) => {
        const unused = amount - (used[index] ?? amount)
        return unused === 0 ? [] : [...limitArgs(limit), unused, until[index] ?? 0]
      })
      return changed.length === 0
        ? Effect.void
        : Effect.ignore(store.run(scripts.settle, { group: groupOf(bucket), args: changed }))
    }
    return Effect.succeed({ isBooked: isBooked === 1, waitMillis, settle })
  })
}

const observeShared = (store: RedisStoreService, bucket: string, observations: ReadonlyArray<Observation>) =>
  Effect.asVoid(
    store.run(scripts.observe, {
      group: groupOf(bucket),
      args: observations.flatMap(({ limit, available, blockedMillis }) => [
        ...limitArgs(limit),
        available,
        blockedMillis
      ])
    })
  )
