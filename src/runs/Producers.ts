/** The runs of this process. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Producer } from "./Producer.js"

/** The running runs of this process, by id. Mutable, as the map of a closure would be. */
export class Producers {
  /** Whether the process is shutting down. */
  isClosing = false
  private readonly running = new Map<string, Producer>()

  /** `grace` is how long runs may go on when the process is shutting down. */
  constructor(private readonly grace: Duration.Duration) {}

  /** Gives a run, if it is running here. */
  get(id: string): Producer | undefined {
    return this.running.get(id)
  }

  /** Keeps a run until it has ended. */
  add(id: string, producer: Producer): Effect.Effect<void> {
    this.running.set(id, producer)
    const removing = Effect.zipRight(
      producer.ended,
      Effect.sync(() => this.running.delete(id))
    )
    return Effect.asVoid(Effect.forkDaemon(removing))
  }

  /** Waits for the runs, interrupts those that last longer than the grace, and waits until their ends are stored. */
  readonly close: Effect.Effect<void> = Effect.suspend(() => {
    this.isClosing = true
    const running = Array.from(this.running.values())
    const allEnded = Effect.forEach(running, ({ ended }) => ended, { concurrency: "unbounded", discard: true })
    const interrupting = Effect.sync(() => {
      for (const { stop } of running) stop("interrupted")
    })
    // Finalizers are uninterruptible, and a timeout waits for what it cannot interrupt. The second wait must not be
    // interruptible: after SIGTERM the fiber that closes the scope is interrupted already.
    const inTime = Effect.timeoutOption(Effect.interruptible(allEnded), this.grace)
    return inTime.pipe(Effect.zipRight(interrupting), Effect.zipRight(allEnded))
  })
}
