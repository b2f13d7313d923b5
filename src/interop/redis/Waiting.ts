/** Calls that wait for replies, each for the same time at most. */
import { setTimeout } from "node:timers"

// How many calls that are done may be kept in front of one that is not.
const maxDone = 1000

/** A call that waits. */
export interface WaitingCall<A> {
  readonly since: number
  readonly waiter: A
  isDone: boolean
}

/**
 * One timer serves all calls, as a timer for each network read of a run costs a tenth of writing it. Mutable, as every
 * command passes through it.
 */
export class Waiting<A> {
  /** Earliest first. The calls before `first` are done. */
  private readonly calls: Array<WaitingCall<A>> = []
  private first = 0
  private isTimed = false

  /** `giveUp` gets the waiter of a call whose time has passed. */
  constructor(
    private readonly millis: number,
    private readonly giveUp: (waiter: A) => void
  ) {}

  /** Adds a call that began at a time of `performance.now()`. */
  add(since: number, waiter: A): WaitingCall<A> {
    const call = { since, waiter, isDone: false }
    this.calls.push(call)
    if (!this.isTimed) this.wait(this.millis)
    return call
  }

  /** Removes a call that has its reply. */
  remove(call: WaitingCall<A>): void {
    call.isDone = true
    while (this.calls[this.first]?.isDone === true) this.first++
    // Replies come in the order of the calls, but for those of another node: mostly this is all of them.
    if (this.first === this.calls.length || this.first > maxDone) {
      this.calls.splice(0, this.first)
      this.first = 0
    }
  }

  private wait(millis: number): void {
    this.isTimed = true
    // It outlives the calls, as the next ones need it, and must not keep the process alive.
    setTimeout(() => this.check(), millis).unref()
  }

  private check(): void {
    this.isTimed = false
    const latest = performance.now() - this.millis
    for (;;) {
      const call = this.calls[this.first]
      if (call === undefined) return
      if (call.since > latest) return this.wait(call.since - latest)
      this.remove(call)
      this.giveUp(call.waiter)
    }
  }
}
