/** Reads the entries of a run, from any position, until the run has ended. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LLMError } from "../domain/LLMError.js"
import { monotonicMillis } from "../domain/monotonic.js"
import type { StateUnavailable } from "../policy/StateUnavailable.js"
import { isAfter, type Position } from "./Position.js"
import { beyondEnd, decodeEnd, failureOfEnd, lostEnd } from "./RunEnd.js"
import { type RunError, runError, storeFailed } from "./RunError.js"
import type { RunPage, RunRecord, StoredEntry } from "./RunStoreService.js"
import type { RunSource } from "./RunWriter.js"

/** Gives the next entries of a run; an empty array means its end. */
export type EntryPull = Effect.Effect<ReadonlyArray<StoredEntry>, LLMError | RunError>

/** Whose run is read, and from where. */
export interface ReadRequest {
  readonly id: string
  readonly owner: string
  readonly after: Position
}

/** The most entries of one read, and of those that a store passed along and that were not read yet. */
const maxEntries = 500

// How long a reader waits for a store that cannot be reached, while it restarts for instance.
const patienceMillis = 30_000
const minRetryMillis = 50
const maxRetryMillis = 1000

/** Opens a run for reading; the reader is notified until the scope closes. */
export const openEntries = (source: RunSource, request: ReadRequest): Effect.Effect<EntryPull, never, Scope.Scope> =>
  Effect.gen(function* () {
    const reader = new RunReader(source, request, yield* Effect.clock)
    yield* source.watch(request.id, "entries", reader.notify)
    yield* Effect.forkScoped(Effect.interruptible(Effect.forever(reader.tick)))
    return reader.pull
  })

/** The state of one reader. Mutable, as every entry passes through it. */
class RunReader {
  private position: Position
  private passed: Array<StoredEntry> = []
  /** When the lease of the producer may have lapsed, on the monotonic clock; each read tells. */
  private leaseUntil: number
  private failures = 0
  private failingSince = 0
  private readonly changed = Effect.unsafeMakeLatch(false)

  constructor(
    private readonly source: RunSource,
    private readonly request: ReadRequest,
    private readonly clock: Clock.Clock
  ) {
    this.position = request.after
    this.leaseUntil = this.now + minRetryMillis
  }

  private get now(): number {
    return monotonicMillis(this.clock)
  }

  readonly notify = (entries: ReadonlyArray<StoredEntry>): void => {
    if (this.passed.length + entries.length > maxEntries) this.passed = []
    else if (entries.length > 0) this.passed.push(...entries)
    this.changed.unsafeOpen()
  }

  /** Wakes the reader when the lease of the producer may have lapsed. */
  readonly tick: Effect.Effect<void> = Effect.suspend(() => {
    const left = this.leaseUntil - this.now
    if (left > 0) return Effect.sleep(left + 1)
    this.changed.unsafeOpen()
    // The read that follows tells the lease again.
    return Effect.sleep(minRetryMillis)
  })

  readonly pull: EntryPull = Effect.suspend(() => {
    const entries = this.takePassed()
    return entries.length > 0 ? Effect.succeed(entries) : this.read
  })

  /** The entries that the store passed along, if they follow what was read. */
  private takePassed(): ReadonlyArray<StoredEntry> {
    if (this.passed.length === 0) return this.passed
    const entries = this.passed.filter(({ position }) => isAfter(position, this.position))
    this.passed = []
    const first = entries[0]
    const isNext =
      first?.position.epoch === this.position.epoch && first.position.sequence === this.position.sequence + 1
    return isNext ? this.advance(entries) : []
  }

  private advance(entries: ReadonlyArray<StoredEntry>): ReadonlyArray<StoredEntry> {
    this.position = entries.at(-1)?.position ?? this.position
    return entries
  }

  private readonly read: EntryPull = Effect.suspend(() => {
    this.changed.unsafeClose()
    return Effect.matchEffect(this.source.read(this.request.id, this.position, maxEntries), {
      onFailure: (error) => this.retry(error),
      onSuccess: (page) => this.took(page)
    })
  })

  private took(page: RunPage | undefined): EntryPull {
    this.failures = 0
    if (page === undefined || page.record.owner !== this.request.owner) return Effect.fail(runError("NotFound"))
    this.leaseUntil = this.now + page.record.leaseMillis
    if (page.entries.length > 0) return Effect.succeed(this.advance(page.entries))
    if (page.record.end !== undefined) return this.end(page.record, page.record.end)
    if (page.record.leaseMillis > 0) return Effect.zipRight(this.changed.await, this.pull)
    return Effect.matchEffect(this.source.expire(this.request.id, lostEnd), {
      onFailure: (error) => this.retry(error),
      onSuccess: () => this.read
    })
  }

  private end({ last }: RunRecord, end: string): EntryPull {
    if (isAfter(this.position, last)) return Effect.fail(beyondEnd)
    const failure = failureOfEnd(decodeEnd(end))
    return failure === undefined ? Effect.succeed([]) : Effect.fail(failure)
  }

  private retry(error: StateUnavailable): EntryPull {
    if (this.failures === 0) this.failingSince = this.now
    if (this.now - this.failingSince > patienceMillis) return Effect.fail(storeFailed(error))
    const wait = Math.min(minRetryMillis * 2 ** this.failures++, maxRetryMillis)
    return Effect.zipRight(Effect.sleep(wait), this.read)
  }
}
