/** Pulls a stream from code without Effect, by promises. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import type * as Stream from "effect/Stream"
import { ChatStream } from "../../domain/ChatStream.js"

interface Waiting<A> {
  readonly resolve: (elements: ReadonlyArray<A> | undefined) => void
  readonly reject: (error: unknown) => void
}

/** One run of a stream, in one fiber. The fiber starts with the first pull, and is suspended between two pulls. */
export class StreamPull<A, R> {
  private fiber: Fiber.RuntimeFiber<void, unknown> | undefined
  private resume: (() => void) | undefined
  private waiting: Waiting<A> | undefined
  private failure: { readonly error: unknown } | undefined
  private isDone = false

  private readonly runtime: Runtime.Runtime<R>

  /** The runtime provides the context of the stream; omit it if the stream needs none. */
  constructor(
    private readonly stream: Stream.Stream<A, unknown, R>,
    runtime?: Runtime.Runtime<R>
  ) {
    // Callers omit the runtime only if `R` is `never`.
    this.runtime = runtime ?? (Runtime.defaultRuntime as Runtime.Runtime<R>)
  }

  /**
   * Gives the elements of the next network read, and `undefined` after the end. A failure rejects once, with the error
   * itself; a defect rejects with what was thrown. Call it again only when its promise has settled.
   */
  next(): Promise<ReadonlyArray<A> | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
      if (this.isDone) this.settle(undefined)
      else if (this.fiber === undefined) this.start()
      else this.resume?.()
    })
  }

  /** Interrupts the stream, and resolves when its resources, such as the socket, have been released. */
  close(): Promise<void> {
    const { fiber, isDone } = this
    this.isDone = true
    this.settle(undefined)
    if (fiber === undefined || isDone) return Promise.resolve()
    return Effect.runPromise(Fiber.interrupt(fiber)).then((exit) => {
      const defect = Exit.isFailure(exit) ? Cause.dieOption(exit.cause) : Option.none()
      return Option.isSome(defect) ? Promise.reject(defect.value) : undefined
    })
  }

  private start(): void {
    const run = ChatStream.runForEachRead(this.stream, (elements) => (readOn) => {
      this.resume = readOn
      this.settle(elements)
    })
    // A runtime taken in an uninterruptible region starts its fibers uninterruptible, so that `close` would wait forever.
    this.fiber = Runtime.runFork(this.runtime)(Effect.interruptible(run))
    this.fiber.addObserver((exit) => {
      if (!this.isDone && Exit.isFailure(exit)) this.failure = { error: Cause.squash(exit.cause) }
      this.isDone = true
      this.settle(undefined)
    })
  }

  private settle(elements: ReadonlyArray<A> | undefined): void {
    const { waiting, failure } = this
    if (waiting === undefined) return
    this.waiting = undefined
    if (elements !== undefined || failure === undefined) return waiting.resolve(elements)
    this.failure = undefined
    waiting.reject(failure.error)
  }
}
