/** Passes the parts of a response from the fiber that produces them to the code that writes them. */
import * as Effect from "effect/Effect"

/**
 * Holds at most one part, so that the producer is at most one part ahead of the writer. There is one producer and one writer,
 * and neither goes on after an interruption. A mutable class instead of a `Mailbox`, which costs 12 more effects per part.
 */
export class Handover<Part> {
  private part: Part | undefined
  private isEnded = false
  private writer: ((part: Part | undefined) => void) | undefined
  private maker: (() => void) | undefined

  /** Hands over a part, unless the previous one has not been taken. */
  offer(part: Part): boolean {
    const { writer } = this
    if (writer !== undefined) {
      this.writer = undefined
      writer(part)
      return true
    }
    if (this.part !== undefined) return false
    this.part = part
    return true
  }

  /** Waits until the previous part has been taken, and hands over this one. */
  put(part: Part): Effect.Effect<void> {
    return Effect.async<void>((resume) => {
      const attempt = () => {
        if (this.offer(part)) resume(Effect.void)
        else this.maker = attempt
      }
      attempt()
      return Effect.sync(() => {
        this.maker = undefined
      })
    })
  }

  /** Calls back once, with the next part or with `undefined` after the last one. */
  onNext(write: (part: Part | undefined) => void): void {
    const { part, maker } = this
    if (part === undefined && !this.isEnded) {
      this.writer = write
      return
    }
    this.part = undefined
    this.maker = undefined
    write(part)
    maker?.()
  }

  /** Waits for the next part; gives `undefined` after the last one. */
  readonly take: Effect.Effect<Part | undefined> = Effect.async((resume) => {
    this.onNext((part) => resume(Effect.succeed(part)))
  })

  /** Ends the response after the part that is held. */
  end(): void {
    this.isEnded = true
    const { writer } = this
    this.writer = undefined
    writer?.(undefined)
  }
}
