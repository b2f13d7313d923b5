/** The running timeouts of one response. They run while the library waits for the provider, and the total while it decodes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import type { TimeoutName } from "../../domain/ErrorFields.js"
import type { LLMError } from "../../domain/LLMError.js"
import { monotonicMillis } from "../../domain/monotonic.js"
import { type TimeoutMillis, type Timeouts, timeoutMillis } from "../Timeouts.js"

/** Runs once, when a timeout expires. */
export type OnExpired = (timeout: TimeoutName, afterMillis: number) => void

/**
 * One timer watches all four timeouts. Starting and stopping them costs two reads of the clock, where racing every read
 * against a sleep costs 33 µs. A mutable class, because it runs for every network read.
 */
export class StreamTimers {
  private onExpired: OnExpired | undefined
  private startedAt = 0
  /** When the last read arrived: it is being decoded from then on. */
  private readAt = 0
  private waitedMillis = 0
  private hasHeaders = false
  private hasRead = false
  private hasContent = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly isSystemClock: boolean
  private limits: TimeoutMillis
  /** No longer than the idle timeout of a stream, which may start right after a check. */
  private readonly maxSleepMillis: number

  constructor(
    private readonly clock: Clock.Clock,
    private readonly timeouts: Timeouts,
    isStream: boolean
  ) {
    this.isSystemClock = Object.getPrototypeOf(clock) === systemClock
    this.limits = timeoutMillis(timeouts, isStream)
    this.maxSleepMillis = Math.min(this.limits.idle, maxTimerMillis)
  }

  /** Goes on with the timeouts of a stream, or with those of a response that is read as a whole. */
  continueAs(isStream: boolean): void {
    this.limits = timeoutMillis(this.timeouts, isStream)
  }

  /**
   * Waits for the headers, again after a 401. The send runs in a fiber of the scope, which interrupts it when a timeout
   * expires: racing it against a sleep takes twice as long.
   */
  forHeaders<A, R>(
    send: Effect.Effect<A, LLMError, R>,
    scope: Scope.Scope,
    expired: (timeout: TimeoutName, afterMillis: number) => LLMError
  ): Effect.Effect<A, LLMError, R> {
    return Effect.flatMap(Effect.forkIn(Effect.interruptible(send), scope), (sending) =>
      Effect.async<A, LLMError>((resume) => {
        this.startHeaders((timeout, afterMillis) => resume(Effect.fail(expired(timeout, afterMillis))))
        sending.addObserver((exit) => {
          this.stopHeaders()
          resume(exit)
        })
      })
    )
  }

  /** Starts to wait for the headers. */
  startHeaders(onExpired: OnExpired): void {
    this.hasHeaders = false
    this.hasRead = false
    this.start(onExpired)
  }

  /** The headers have arrived, or never will. */
  stopHeaders(): void {
    this.pause()
    this.hasHeaders = true
  }

  /** Starts to wait for a read. */
  start(onExpired: OnExpired): void {
    this.startedAt = this.now()
    this.onExpired = onExpired
  }

  /** A read has arrived, possibly only a keep-alive: from now on the idle timeout runs too. */
  stop(): void {
    this.pause()
    this.hasRead = true
  }

  /**
   * The read has been decoded. Gives the total timeout in milliseconds if it has expired: a stream whose data never ends
   * does not wait, so no timer fires.
   */
  decoded(): number | undefined {
    // Nothing else depends on the time that decoding took.
    if (this.hasContent && this.limits.total === Number.POSITIVE_INFINITY) return undefined
    this.waitedMillis += this.now() - this.readAt
    return this.waitedMillis < this.limits.total ? undefined : this.limits.total
  }

  private pause(): void {
    this.onExpired = undefined
    this.readAt = this.now()
    this.waitedMillis += this.readAt - this.startedAt
  }

  /** The first content has arrived. */
  stopFirstContent(): void {
    this.hasContent = true
  }

  /** The idle timeout runs from now on, before the first read too: the body of an error arrives at once or never. */
  startIdle(): void {
    this.hasRead = true
  }

  /**
   * Watches until the scope closes, in an uninterruptible region too. On another clock than the system's, such as
   * `TestClock`, a fiber of the scope sleeps; it costs ten times as much as a timer.
   */
  watch(scope: Scope.Scope): Effect.Effect<unknown> {
    return this.isSystemClock
      ? Effect.zipRight(Scope.addFinalizer(scope, Effect.sync(this.clear)), Effect.sync(this.schedule))
      : Effect.forkIn(this.sleep, scope)
  }

  private readonly clear = (): void => clearTimeout(this.timer)

  private readonly schedule = (): void => {
    this.timer = setTimeout(this.schedule, this.expire())
  }

  private readonly sleep: Effect.Effect<never> = Effect.interruptible(
    Effect.forever(Effect.suspend(() => Effect.sleep(this.expire())))
  )

  /** Expires the timeout that is due, if any; returns how long to sleep until the next check, in milliseconds. */
  private expire(): number {
    const { headers, firstContent, idle, total } = this.limits
    const waiting = this.onExpired === undefined ? 0 : this.now() - this.startedAt
    const waited = this.waitedMillis + waiting
    const remaining: ReadonlyArray<readonly [TimeoutName, number, number]> = [
      ["headers", headers, this.hasHeaders ? Number.POSITIVE_INFINITY : headers - waited],
      ["firstContent", firstContent, this.hasContent ? Number.POSITIVE_INFINITY : firstContent - waited],
      ["idle", idle, this.hasRead ? idle - waiting : Number.POSITIVE_INFINITY],
      ["total", total, total - waited]
    ]
    const [timeout, limit, millis] = remaining.reduce((first, each) => (each[2] < first[2] ? each : first))
    const onExpired = this.onExpired
    if (millis <= 0 && onExpired !== undefined) {
      this.onExpired = undefined
      onExpired(timeout, limit)
    }
    return Math.min(Math.max(millis, 1), this.maxSleepMillis)
  }

  private now(): number {
    return this.isSystemClock ? performance.now() : monotonicMillis(this.clock)
  }
}

/** What all clocks of the system inherit; `TestClock` and those of programs are others. */
const systemClock: unknown = Object.getPrototypeOf(Clock.make())

// JavaScript fires longer timers at once.
const maxTimerMillis = 2 ** 31 - 1
