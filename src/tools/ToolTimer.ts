/** Ends a call that takes longer than the timeout of its tool. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { currentMonotonicMillis } from "../domain/monotonic.js"

/**
 * Measures how long one call takes. It does not count the time in which the call waits for the reader of the loop,
 * because a tool cannot make the reader faster. Mutable, because several fibers of a tool can wait at the same time.
 */
export class ToolTimer {
  private readonly limit: number | undefined
  private waits = 0
  private waitsSince = 0
  private waitedMillis = 0
  /** Open while the call waits for nothing. */
  private readonly isRunning = Effect.unsafeMakeLatch(true)

  constructor(timeout: Duration.DurationInput | undefined) {
    this.limit = timeout === undefined ? undefined : Duration.toMillis(timeout)
  }

  /** Runs an effect whose time does not count. */
  waiting<A>(effect: Effect.Effect<A>): Effect.Effect<A> {
    return this.limit === undefined
      ? effect
      : Effect.acquireUseRelease(
          this.pause,
          () => effect,
          () => this.resume
        )
  }

  /** Runs the call; gives `late` and interrupts it when its time is over. */
  within<A, E, R>(call: Effect.Effect<A, E, R>, late: A): Effect.Effect<A, E, R> {
    const { limit } = this
    if (limit === undefined) return call
    const expired = Effect.flatMap(currentMonotonicMillis, (startedAt) => this.expiry(startedAt + limit))
    return Effect.raceFirst(call, Effect.as(expired, late))
  }

  private expiry(end: number): Effect.Effect<void> {
    return Effect.flatMap(Effect.zipRight(this.isRunning.await, currentMonotonicMillis), (now) => {
      const left = end + this.waitedMillis - now
      return left <= 0 ? Effect.void : Effect.zipRight(Effect.sleep(Math.ceil(left)), this.expiry(end))
    })
  }

  private readonly pause = Effect.flatMap(currentMonotonicMillis, (now) => {
    this.waits += 1
    if (this.waits > 1) return Effect.void
    this.waitsSince = now
    return this.isRunning.close
  })

  private readonly resume = Effect.flatMap(currentMonotonicMillis, (now) => {
    this.waits -= 1
    if (this.waits > 0) return Effect.void
    this.waitedMillis += now - this.waitsSince
    return this.isRunning.open
  })
}
