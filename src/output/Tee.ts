/** Lets two read one answer, each at its own time. */
import { Channel, type Chunk, Effect, type Exit, Fiber, type Scope, Stream } from "effect"
import type { StreamChunk } from "../domain/StreamChunk.js"

/** How far one branch may be ahead of the other. */
export interface TeeOptions {
  /** In network reads, 16 by default; one of more than eight chunks counts twice. */
  readonly capacity?: number | undefined
}

/**
 * Splits a stream into two that are read at the same time and share one request. Each gets every chunk and the failure;
 * the slower one holds back the faster, and both the socket, as soon as it is `capacity` reads behind. The request is sent
 * when the first branch is read. One that is left early, or interrupted, lets the other read on; when both have been left,
 * the socket is closed at once, as it is when the scope ends.
 *
 * Read both concurrently: one that nobody reads stops the other, which is logged as a warning. To print and collect with
 * one reader a tap is simpler: `collect(tapPrint()(stream))`.
 *
 * ```ts
 * const [shown, kept] = yield* tee(stream)
 * yield* Effect.all([print(shown), Effect.flatMap(collect(kept), save)], { concurrency: 2 })
 * ```
 */
export const tee = <E, R>(
  stream: Stream.Stream<StreamChunk, E, R>,
  { capacity = 16 }: TeeOptions = {}
): Effect.Effect<readonly [Stream.Stream<StreamChunk, E>, Stream.Stream<StreamChunk, E>], never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const split = new Split<E>(Math.max(1, capacity))
    const source = yield* Effect.forkScoped(split.read(stream))
    return split.branches(Fiber.interrupt(source))
  })

/** One of the two that read. */
interface Reader {
  /** The reads that it has not taken. */
  readonly behind: Array<Chunk.Chunk<StreamChunk>>
  /** Tells it that there is more, or the end. */
  wake: () => void
  state: "unread" | "waiting" | "busy" | "left"
}

const warning = Effect.logWarning("a branch of tee waits for the other one, which nobody reads; read both concurrently")

const newReader = (): Reader => ({ behind: [], wake: () => {}, state: "unread" })

class Split<E> {
  private readonly readers: readonly [Reader, Reader] = [newReader(), newReader()]
  private wakeSource = () => {}
  private ended: Exit.Exit<void, E> | undefined

  constructor(private readonly capacity: number) {}

  /** Reads the source to its end, no further than is wanted. */
  read<R>(stream: Stream.Stream<StreamChunk, E, R>): Effect.Effect<void, never, R> {
    const reading = Stream.runForEachChunk(stream, (chunks) => {
      for (const reader of this.readers) this.give(reader, chunks)
      return this.wanted
    })
    return Effect.zipRight(this.wanted, reading).pipe(
      Effect.onExit((exit) => Effect.sync(() => this.end(exit))),
      // It is the readers that fail.
      Effect.exit,
      Effect.asVoid
    )
  }

  /** The stream of one reader, which stops the source when it is the last to leave. */
  private branch(reader: Reader, other: Reader, stop: Effect.Effect<unknown>): Stream.Stream<StreamChunk, E> {
    const leave = Effect.suspend(() => {
      reader.state = "left"
      reader.behind.length = 0
      this.update()
      return other.state === "left" ? stop : Effect.void
    })
    const loop: Channel.Channel<Chunk.Chunk<StreamChunk>, unknown, E> = Channel.flatMap(
      Channel.fromEffect(this.next(reader, other)),
      (chunks) => (chunks === undefined ? Channel.void : Channel.flatMap(Channel.write(chunks), () => loop))
    )
    const once = Channel.suspend(() =>
      reader.state === "unread"
        ? Channel.ensuring(loop, leave)
        : Channel.fromEffect(Effect.dieMessage("a branch of tee is read only once; collect it to read it again"))
    )
    return Stream.fromChannel(once)
  }

  /** Both branches. */
  branches(stop: Effect.Effect<unknown>): readonly [Stream.Stream<StreamChunk, E>, Stream.Stream<StreamChunk, E>] {
    const [one, two] = this.readers
    return [this.branch(one, two, stop), this.branch(two, one, stop)]
  }

  private next(reader: Reader, other: Reader): Effect.Effect<Chunk.Chunk<StreamChunk> | undefined, E> {
    return Effect.suspend(() => {
      const chunks = reader.behind.shift()
      if (chunks === undefined && this.ended !== undefined) return Effect.as(this.ended, undefined)
      reader.state = chunks === undefined ? "waiting" : "busy"
      this.update()
      if (chunks !== undefined) return Effect.succeed(chunks)
      const news = Effect.async<void>((resume) => {
        reader.wake = () => resume(Effect.void)
        // The source may have been faster than this fiber.
        if (reader.behind.length > 0 || this.ended !== undefined) reader.wake()
      })
      const again = Effect.zipRight(news, this.next(reader, other))
      return other.state === "unread" && this.isFull(other) ? Effect.zipRight(warning, again) : again
    })
  }

  private give(reader: Reader, chunks: Chunk.Chunk<StreamChunk>): void {
    if (reader.state === "left") return
    if (reader.state === "waiting") reader.state = "busy"
    reader.behind.push(chunks)
    reader.wake()
  }

  private end(exit: Exit.Exit<void, E>): void {
    this.ended = exit
    for (const reader of this.readers) reader.wake()
  }

  private isFull(reader: Reader): boolean {
    return reader.state !== "left" && reader.behind.length >= this.capacity
  }

  /** Waits until someone waits for more, and nobody is too far behind. */
  private readonly wanted = Effect.async<void>((resume) => {
    this.wakeSource = () => resume(Effect.void)
    this.update()
  })

  private update(): void {
    const isWanted = this.readers.some(({ state }) => state === "waiting")
    if (isWanted && !this.readers.some((reader) => this.isFull(reader))) this.wakeSource()
  }
}
