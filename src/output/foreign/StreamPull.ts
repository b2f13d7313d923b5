/** Pulls a stream from outside of Effect, by promises. */
import { Cause, Chunk, Effect, Exit, Fiber, Option, Runtime, Stream } from "effect"

interface Waiting<A> {
  readonly resolve: (elements: ReadonlyArray<A> | undefined) => void
  readonly reject: (error: unknown) => void
}

/** What can be asked of a run. */
export interface Pull<A> {
  /**
   * Gives what the next network read brings, and `undefined` from the end on. A failure rejects once, with the error
   * itself; a defect with what was thrown. It is called again only when its promise has been settled.
   */
  readonly next: () => Promise<ReadonlyArray<A> | undefined>
  /** Interrupts the stream, and resolves when it has let go of all it held, its socket first of all. */
  readonly close: () => Promise<void>
}

/** One run of a stream, in one fiber. It begins with the first pull, and stands still between two. */
export class StreamPull<A, R> implements Pull<A> {
  private fiber: Fiber.RuntimeFiber<void, unknown> | undefined
  private resume: (() => void) | undefined
  private waiting: Waiting<A> | undefined
  private failure: { readonly error: unknown } | undefined
  private isDone = false

  private readonly runtime: Runtime.Runtime<R>

  /** The runtime has what the stream needs, and is left out where that is nothing. */
  constructor(
    private readonly stream: Stream.Stream<A, unknown, R>,
    runtime?: Runtime.Runtime<R>
  ) {
    // Left out, `R` is `never`.
    this.runtime = runtime ?? (Runtime.defaultRuntime as Runtime.Runtime<R>)
  }

  next(): Promise<ReadonlyArray<A> | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject }
      if (this.isDone) this.settle(undefined)
      else if (this.fiber === undefined) this.begin()
      else this.resume?.()
    })
  }

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

  private begin(): void {
    const run = Stream.runForEachChunk(this.stream, (elements) =>
      Chunk.isEmpty(elements)
        ? Effect.void
        : Effect.async<void>((resume) => {
            this.resume = () => resume(Effect.void)
            this.settle(Chunk.toReadonlyArray(elements))
          })
    )
    this.fiber = Runtime.runFork(this.runtime)(run)
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
