/** Calls that wait for replies, each for the same time at most. */
import { setTimeout } from "node:timers"

/**
 * One timer serves all calls, as a timer for each network read of a run costs a tenth of writing it. Mutable, as every
 * command passes through it.
 */
export class Waiting {
  /** When each call gives up, earliest first. */
  private readonly calls = new Map<() => void, number>()
  private isTimed = false

  constructor(private readonly millis: number) {}

  /** Calls `giveUp` after the time, unless the call is removed before. */
  add(giveUp: () => void): void {
    this.calls.set(giveUp, performance.now() + this.millis)
    if (!this.isTimed) this.wait(this.millis)
  }

  /** Removes a call that has its reply. */
  remove(giveUp: () => void): void {
    this.calls.delete(giveUp)
  }

  private wait(millis: number): void {
    this.isTimed = true
    // It outlives the calls, as the next ones need it, and must not keep the process alive.
    setTimeout(() => this.check(), millis).unref()
  }

  private check(): void {
    this.isTimed = false
    const now = performance.now()
    for (const [giveUp, at] of this.calls) {
      if (at > now) return this.wait(at - now)
      this.calls.delete(giveUp)
      giveUp()
    }
  }
}
