/** Learns from what a provider says about its limits. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { LLMError } from "../../domain/LLMError.js"
import type { ProviderLimits } from "../../domain/ProviderLimits.js"
import type { CallOptions } from "../../provider/Provider.js"
import type { BookingQueue, LimitTarget } from "./BookingQueue.js"
import type { UnitLimit } from "./gcra.js"
import type { Observation } from "./RateLimits.js"

/** What a request reports to the limit. */
export interface Learning {
  readonly onRateLimits: (limits: ProviderLimits) => Effect.Effect<void>
  readonly onFailure: (error: LLMError) => Effect.Effect<void>
}

/** Reports the headers of each response, and the retry hints of rejections, to the limit; headers to the caller too. */
export const observing = (
  bookings: BookingQueue,
  target: LimitTarget,
  limits: ReadonlyArray<UnitLimit>,
  call: CallOptions | undefined
): Learning => ({
  onRateLimits: (reported) => {
    const observations = limits.flatMap((limit) => observationOf(limit, reported))
    const learn = observations.length === 0 ? Effect.void : bookings.observe(target, observations)
    return Effect.zipRight(call?.onRateLimits?.(reported) ?? Effect.void, learn)
  },
  onFailure: (error) => {
    const [limit] = limits
    // A limit inside this one, of one caller for instance, says nothing about the provider.
    if (error.attempts === 0) return Effect.void
    if (error._tag !== "RateLimitError" || error.retryAfter === undefined || limit === undefined) return Effect.void
    // Longer hints are checked again after a window, so that a wrong one does not stop all calls for ever.
    const blockedMillis = Math.min(Duration.toMillis(error.retryAfter), limit.windowMillis)
    return bookings.observe(target, [{ limit, available: 0, blockedMillis }])
  }
})

/** What a header says that the bucket might not know: it can only be less than a burst. */
const observationOf = (limit: UnitLimit, reported: ProviderLimits): ReadonlyArray<Observation> => {
  const figures = Object.entries(reported).find(([unit]) => unit === limit.unit)?.[1]
  if (figures === undefined || figures.remaining >= limit.burst) return []
  const { remaining, windowMillis, resetMillis = 0 } = figures
  // The bucket of the provider refills continuously: one unit comes back after this time.
  const nextMillis = (windowMillis ?? resetMillis) / figures.limit
  return [{ limit, available: remaining, blockedMillis: remaining > 0 ? 0 : nextMillis }]
}
