/** The timers of one stream: they run only while we wait for the provider. */
import { type Clock, Effect, type Scope } from "effect"
import type { Clock as ClockName } from "../domain/ErrorFields.js"
import type { LLMError } from "../domain/LLMError.js"
import type { TimeoutMillis } from "./Timeouts.js"

type OnExpired = (clock: ClockName, afterMillis: number) => void

/**
 * One sleeping fiber watches all timers; starting and stopping them costs two reads of the time, where racing every
 * read against a sleep costs 33 µs.
 */
export class StreamTimers {
  private onExpired: OnExpired | undefined
  private startedAt = 0
  private waitedMillis = 0
  private hasHeaders = false
  private hasHeard = false
  private hasContent = false

  constructor(
    private readonly clock: Clock.Clock,
    private readonly limits: TimeoutMillis
  ) {}

  /**
   * Waits for the headers. The sender is a fiber of the scope, to be left behind when a clock runs out: a race against
   * a sleep of its own takes twice as long.
   */
  forHeaders<A, R>(
    sent: Effect.Effect<A, LLMError, R>,
    expired: (clock: ClockName, afterMillis: number) => LLMError
  ): Effect.Effect<A, LLMError, R | Scope.Scope> {
    return Effect.flatMap(Effect.forkScoped(Effect.interruptible(sent)), (sender) =>
      Effect.async<A, LLMError>((resume) => {
        this.start((clock, afterMillis) => resume(Effect.fail(expired(clock, afterMillis))))
        sender.addObserver((exit) => {
          this.pause()
          this.hasHeaders = true
          resume(exit)
        })
      })
    )
  }

  /** Starts to wait for a read. */
  start(onExpired: OnExpired): void {
    this.startedAt = this.clock.unsafeCurrentTimeMillis()
    this.onExpired = onExpired
  }

  /** Something was read, be it a keep-alive: from now on the idle clock runs too. */
  stop(): void {
    this.pause()
    this.hasHeard = true
  }

  private pause(): void {
    this.onExpired = undefined
    this.waitedMillis += this.clock.unsafeCurrentTimeMillis() - this.startedAt
  }

  /** The first content was read. */
  stopFirstContent(): void {
    this.hasContent = true
  }

  /** Watches until it is interrupted. */
  readonly watch: Effect.Effect<never> = Effect.suspend(() => Effect.sleep(this.expire())).pipe(Effect.forever)

  /** Expires the clock that has run out, if one has; returns how long none can. */
  private expire(): number {
    const { headers, firstContent, idle, total } = this.limits
    const waiting = this.onExpired === undefined ? 0 : this.clock.unsafeCurrentTimeMillis() - this.startedAt
    const asked = this.waitedMillis + waiting
    const left: ReadonlyArray<readonly [ClockName, number, number]> = [
      ["headers", headers, this.hasHeaders ? Number.POSITIVE_INFINITY : headers - asked],
      ["firstContent", firstContent, this.hasContent ? Number.POSITIVE_INFINITY : firstContent - asked],
      ["idle", idle, this.hasHeard ? idle - waiting : Number.POSITIVE_INFINITY],
      ["total", total, total - asked]
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
