/** The clocks of one stream: they run only while we wait for the provider. */
import { type Clock, Effect } from "effect"
import type { Clock as ClockName } from "../domain/ErrorFields.js"
import type { Limits } from "./Timeouts.js"

type OnExpired = (clock: ClockName, afterMillis: number) => void

/**
 * One sleeping fiber watches all clocks; starting and stopping them costs two reads of the time, where racing every
 * read against a sleep costs 33 µs.
 */
export class Clocks {
  private onExpired: OnExpired | undefined
  private startedAt = 0
  private hasHeard = false
  private hasContent = false

  /** `waited` is the time in milliseconds that the request has taken so far. */
  constructor(
    private readonly clock: Clock.Clock,
    private readonly limits: Limits,
    private waited: number
  ) {}

  /** Starts to wait for a read. */
  start(onExpired: OnExpired): void {
    this.startedAt = this.clock.unsafeCurrentTimeMillis()
    this.onExpired = onExpired
  }

  /** Something was read, be it a keep-alive: from now on the idle clock runs too. */
  stop(): void {
    this.onExpired = undefined
    this.hasHeard = true
    this.waited += this.clock.unsafeCurrentTimeMillis() - this.startedAt
  }

  /** The first content was read. */
  stopFirstContent(): void {
    this.hasContent = true
  }

  /** Watches until it is interrupted. */
  readonly watch: Effect.Effect<never> = Effect.suspend(() => Effect.sleep(this.expire())).pipe(Effect.forever)

  /** Expires the clock that has run out, if one has; returns how long none can. */
  private expire(): number {
    const { firstContent, idle, total } = this.limits
    const waiting = this.onExpired === undefined ? 0 : this.clock.unsafeCurrentTimeMillis() - this.startedAt
    const left: ReadonlyArray<readonly [ClockName, number, number]> = [
      ["firstContent", firstContent, this.hasContent ? Number.POSITIVE_INFINITY : firstContent - this.waited - waiting],
      ["idle", idle, this.hasHeard ? idle - waiting : Number.POSITIVE_INFINITY],
      ["total", total, total - this.waited - waiting]
    ]
    const [clock, limit, millis] = left.reduce((first, each) => (each[2] < first[2] ? each : first))
    const onExpired = this.onExpired
    if (millis <= 0 && onExpired !== undefined) {
      this.onExpired = undefined
      onExpired(clock, limit)
    }
    // Never longer than the idle clock, which may start the moment after we look.
    return Math.min(Math.max(millis, 1), idle, longestSleep)
  }
}

// Beyond this a timer of JavaScript fires at once.
const longestSleep = 2 ** 31 - 1
