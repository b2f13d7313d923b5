/** One request whose response several callers read. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Opening, Pull } from "../../domain/ChatStream.js"
import type { LLMError } from "../../domain/LLMError.js"
import { type Polled, Read } from "../../domain/Read.js"
import type { StreamChunk } from "../../domain/StreamChunk.js"
import { asCached } from "./entry.js"

/** A response as it is read: its chunks, and whether it was requested for this flight. */
export interface FlightPull {
  readonly pull: Pull
  readonly isCached: boolean
}

/** Opens what a flight reads. */
export type FlightOpening = Effect.Effect<FlightPull, LLMError, Scope.Scope>

/** A reader of a flight: how many reads it has had, and how it is woken while it waits. Mutable. */
interface Caller {
  position: number
  wake: (() => void) | undefined
}

/**
 * Reads one response into memory in a fiber of its own, so that no caller's interruption ends it for the others. It ends
 * when all callers have left. The caller who first reads its last chunk is charged. A mutable class, because every read of
 * every caller goes through it.
 */
export class Flight {
  private readonly reads: Array<ReadonlyArray<StreamChunk>> = []
  private end: Exit.Exit<void, LLMError> | undefined
  private isCached = false
  private isPaid = false
  private readonly callers = new Set<Caller>()
  private fiber: Fiber.RuntimeFiber<void, LLMError> | undefined

  constructor(private readonly onEmpty: () => void) {}

  /** Starts reading. `onComplete` runs after a complete response, before callers see its end. */
  start(
    opening: FlightOpening,
    onComplete: (reads: ReadonlyArray<ReadonlyArray<StreamChunk>>, isCached: boolean) => Effect.Effect<void>
  ): Effect.Effect<void> {
    const reading = Effect.scoped(
      Effect.flatMap(opening, ({ pull, isCached }) => {
        this.isPaid = isCached
        this.isCached = isCached
        return Read.forEach(pull, (chunks) => {
          this.reads.push(chunks)
          this.notify()
          return undefined
        })
      })
    ).pipe(
      Effect.onExit((exit) =>
        Effect.ensuring(
          // Before the end is shown: the program may close the store as soon as it has read the response.
          Exit.isSuccess(exit) ? Effect.suspend(() => onComplete(this.reads, this.isCached)) : Effect.void,
          Effect.sync(() => {
            this.end = exit
            this.notify()
          })
        )
      ),
      Effect.ensuring(Effect.sync(this.onEmpty))
    )
    return Effect.map(Effect.forkDaemon(Effect.interruptible(reading)), (fiber) => {
      this.fiber = fiber
    })
  }

  /** Reads from the beginning until the scope closes. */
  readonly join: Opening = Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const caller: Caller = { position: 0, wake: undefined }
        this.callers.add(caller)
        return caller
      }),
      (caller) => this.leave(caller)
    ),
    (caller) => this.pullOf(caller)
  )

  private pullOf(caller: Caller): Pull {
    return Read.fromPoll((wake) => {
      const read = this.readFor(caller)
      if (read === undefined) caller.wake = wake
      return read
    })
  }

  /** What a caller reads next; `undefined` while it has to wait. */
  private readFor(caller: Caller): Polled<StreamChunk, LLMError> | undefined {
    const chunks = this.reads[caller.position]
    if (chunks !== undefined) {
      caller.position += 1
      const charged = this.charged(chunks)
      // A step of its own for what was read before, so that the caller can be interrupted, and others run, between two.
      return caller.position === this.reads.length && !this.isCached ? charged : Effect.succeed(charged)
    }
    return this.end === undefined ? undefined : endOf(this.end)
  }

  private charged(chunks: ReadonlyArray<StreamChunk>): ReadonlyArray<StreamChunk> {
    if (this.isPaid) return asCached(chunks)
    this.isPaid = chunks.some(({ finishReason }) => finishReason !== null)
    return chunks
  }

  private notify(): void {
    for (const caller of this.callers) {
      const { wake } = caller
      caller.wake = undefined
      wake?.()
    }
  }

  /** The last caller to leave ends the flight, and waits until its socket is closed. */
  private leave(caller: Caller): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.callers.delete(caller)
      if (this.callers.size > 0 || this.end !== undefined) return Effect.void
      this.onEmpty()
      return this.fiber === undefined ? Effect.void : Effect.asVoid(Fiber.interrupt(this.fiber))
    })
  }
}

const endOf = (end: Exit.Exit<void, LLMError>): Pull =>
  Exit.match(end, {
    onSuccess: () => Effect.succeed([]),
    onFailure: (cause) =>
      Effect.failCause(Option.match(Cause.failureOption(cause), { onNone: () => cause, onSome: Cause.fail }))
  })
