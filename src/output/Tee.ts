/** Splits one stream into two that are read at the same time. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { ChatStream, type Opening, type Pull } from "../domain/ChatStream.js"
import { checkOptions, limitProblem } from "../domain/checkOptions.js"
import type { StreamChunk } from "../domain/StreamChunk.js"

/** How far one branch may be ahead of the other. */
export interface TeeOptions {
  /**
   * In network reads, 16 by default; at least 1, `Infinity` for no limit. After operators of `Stream`, a read of more than
   * eight chunks counts as two.
   */
  readonly capacity?: number | undefined
}

/** `tee(stream, options?)` or `tee(options?)(stream)`. */
export interface Tee {
  /** Data-last, for `pipe`. */
  (
    options?: TeeOptions
  ): <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>
  ) => Effect.Effect<readonly [Stream.Stream<StreamChunk, E>, Stream.Stream<StreamChunk, E>], never, R | Scope.Scope>
  /** Data-first. */
  <E, R>(
    stream: Stream.Stream<StreamChunk, E, R>,
    options?: TeeOptions
  ): Effect.Effect<readonly [Stream.Stream<StreamChunk, E>, Stream.Stream<StreamChunk, E>], never, R | Scope.Scope>
}

/**
 * Splits a stream into two branches that share one request. Each gets every chunk and the failure. When a branch is
 * `capacity` reads behind, it slows down the other branch and the socket. The request is sent when the first branch is
 * read. When one branch stops early or is interrupted, the other continues. When both have stopped, or the scope ends, the
 * socket is closed at once.
 *
 * Read both branches concurrently: a branch that nothing reads blocks the other one, which is logged as a warning. Read
 * them inside the scope of `tee`: a branch that is read after the scope has closed dies with a message that says so. To
 * print and collect with one consumer, `tapPrint` is simpler: `stream.pipe(tapPrint(), collect)`.
 *
 * ```ts
 * const [printed, collected] = yield* tee(stream)
 * yield* Effect.all([print(printed), Effect.flatMap(collect(collected), save)], { concurrency: 2 })
 * ```
 */
export const tee: Tee = dual(
  ([stream]) => Predicate.hasProperty(stream, Stream.StreamTypeId),
  <E, R>(stream: Stream.Stream<StreamChunk, E, R>, { capacity = 16 }: TeeOptions = {}) =>
    Effect.gen(function* () {
      yield* Effect.orDie(checkOptions("tee", [limitProblem("capacity", capacity)]))
      const split = new Split<E>(capacity)
      yield* Effect.addFinalizer(() => Effect.sync(() => split.close()))
      // Both the last branch and the scope stop the source by interrupting it, in an uninterruptible region too.
      const source = yield* Effect.forkScoped(Effect.interruptible(split.read(stream)))
      return split.branches(Fiber.interrupt(source))
    })
)

/** The state of one branch. */
interface Branch {
  /** The reads that the branch has not consumed. */
  readonly buffered: Array<ReadonlyArray<StreamChunk>>
  /** Resumes the consumer when a read or the end arrives. */
  wake: () => void
  state: "unread" | "waiting" | "busy" | "stopped"
}

const warning = Effect.logWarning(
  "one branch of tee is blocked because nothing reads the other branch; read both branches concurrently"
)

const readTwice = "a branch of tee can be read only once; collect it to use its chunks again"

const readAfterClose =
  "a branch of tee was read after the scope of tee had closed; read both branches inside that scope, for instance with one Effect.scoped around tee and its readers"

const newBranch = (): Branch => ({ buffered: [], wake: () => {}, state: "unread" })

class Split<E> {
  private readonly pair: readonly [Branch, Branch] = [newBranch(), newBranch()]
  private wakeSource = () => {}
  private ended: Exit.Exit<void, E> | undefined
  private isClosed = false

  constructor(private readonly capacity: number) {}

  /** Reads the source to its end, one read at a time, when `demand` allows it. */
  read<R>(stream: Stream.Stream<StreamChunk, E, R>): Effect.Effect<void, never, R> {
    const reading = ChatStream.runForEachRead(stream, (chunks) => {
      for (const branch of this.pair) this.offer(branch, chunks)
      return this.demand
    })
    return Effect.zipRight(this.demand, reading).pipe(
      Effect.onExit((exit) => Effect.sync(() => this.end(exit))),
      // The branches fail with the failure of the source; the fiber that reads the source does not.
      Effect.exit,
      Effect.asVoid
    )
  }

  /** The streams of both branches. The last one to stop also stops the source. */
  branches(
    stopSource: Effect.Effect<unknown>
  ): readonly [Stream.Stream<StreamChunk, E>, Stream.Stream<StreamChunk, E>] {
    const [first, second] = this.pair
    return [this.streamOf(first, second, stopSource), this.streamOf(second, first, stopSource)]
  }

  private streamOf(branch: Branch, other: Branch, stopSource: Effect.Effect<unknown>): Stream.Stream<StreamChunk, E> {
    const stop = Effect.suspend(() => {
      branch.state = "stopped"
      branch.buffered.length = 0
      this.update()
      return other.state === "stopped" ? stopSource : Effect.void
    })
    const pull = this.next(branch, other)
    const open: Opening<E> = Effect.suspend(() => {
      if (this.isClosed) return Effect.dieMessage(readAfterClose)
      if (branch.state !== "unread") return Effect.dieMessage(readTwice)
      return Effect.as(
        Effect.addFinalizer(() => stop),
        pull
      )
    })
    return ChatStream.make(open)
  }

  private next(branch: Branch, other: Branch): Pull<E> {
    return Effect.suspend(() => {
      const chunks = branch.buffered.shift()
      if (chunks === undefined && this.ended !== undefined) return Effect.as(this.ended, [])
      branch.state = chunks === undefined ? "waiting" : "busy"
      this.update()
      if (chunks !== undefined) return Effect.succeed(chunks)
      const woken = Effect.async<void>((resume) => {
        branch.wake = () => resume(Effect.void)
        // The source may have been faster than this fiber.
        if (branch.buffered.length > 0 || this.ended !== undefined) branch.wake()
      })
      const retried = Effect.zipRight(woken, this.next(branch, other))
      return other.state === "unread" && this.isFull(other) ? Effect.zipRight(warning, retried) : retried
    })
  }

  private offer(branch: Branch, chunks: ReadonlyArray<StreamChunk>): void {
    if (branch.state === "stopped") return
    if (branch.state === "waiting") branch.state = "busy"
    branch.buffered.push(chunks)
    branch.wake()
  }

  private end(exit: Exit.Exit<void, E>): void {
    this.ended = exit
    for (const branch of this.pair) branch.wake()
  }

  /** Ends the scope of `tee`. What has arrived can still be read; a branch that would wait fails. */
  close(): void {
    this.isClosed = true
    const isStopped = this.ended === undefined || Exit.isInterrupted(this.ended)
    if (isStopped) this.end(Exit.die(new Cause.RuntimeException(readAfterClose)))
  }

  private isFull(branch: Branch): boolean {
    return branch.state !== "stopped" && branch.buffered.length >= this.capacity
  }

  /** Waits until a branch waits for more and no branch is full. */
  private readonly demand = Effect.async<void>((resume) => {
    this.wakeSource = () => resume(Effect.void)
    this.update()
  })

  private update(): void {
    const isWanted = this.pair.some(({ state }) => state === "waiting")
    if (isWanted && !this.pair.some((branch) => this.isFull(branch))) this.wakeSource()
  }
}
