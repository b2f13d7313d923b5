/** Writes the entries of one run to the store, in order and again after failures, and shows them in this process. */
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../domain/monotonic.js"
import { lostEnd } from "./RunEnd.js"
import { RunLog } from "./RunLog.js"
import type { NewRun, RunStoreService, RunWrite, RunWritten } from "./RunStoreService.js"
import type { RunSettings } from "./RunsOptions.js"
import { Signals } from "./Signals.js"

/** What a reader needs of a store. */
export interface RunSource extends Pick<RunStoreService, "read" | "watch" | "expire"> {}

/** What the writer tells the producer. */
export interface WriterEvents {
  /** Someone asked for the end of the run. */
  readonly onStop: () => void
  /** The store refuses this producer: the run was ended for it, or is gone. */
  readonly onRefused: () => void
}

// One write takes what has gathered while the previous one was under way, up to this many entries.
const maxBatch = 200

const minRetryMillis = 20
const maxRetryMillis = 1000

// How long a run that has ended tries to store its end, which a shutdown waits for.
const endPatienceMillis = 10_000

/** The writer of one run. Mutable, as every network read passes through it. */
export class RunWriter {
  /** The size of all entries, in UTF-16 code units. */
  size = 0
  // All of them, as a store that loses acknowledged entries gets them again.
  private readonly entries: Array<string> = []
  private stored = 0
  private end: string | undefined
  private endedAt = 0
  private failures = 0
  private isRenewalDue = false
  private isDone = false
  private readonly changed = Effect.unsafeMakeLatch(false)
  private readonly signals = new Signals()
  private readonly log: RunLog

  constructor(
    private readonly run: NewRun,
    private readonly store: RunStoreService,
    private readonly settings: RunSettings,
    private readonly events: WriterEvents
  ) {
    this.log = new RunLog({ ...run, leaseMillis: Number.POSITIVE_INFINITY }, 0, 0)
  }

  /** Adds the entry of one network read. */
  add(text: string): void {
    if (this.end !== undefined) return
    this.size += text.length
    this.entries.push(text)
    this.changed.unsafeOpen()
  }

  /** Ends the run after its entries. */
  finish(end: string, now: number): void {
    if (this.end !== undefined) return
    this.end = end
    this.endedAt = now
    this.changed.unsafeOpen()
  }

  /** Writes until the end is stored, the store refuses this producer, or the end cannot be stored in time. */
  get work(): Effect.Effect<void> {
    const next: Effect.Effect<void> = Effect.suspend(() => {
      if (this.isDone) return Effect.void
      this.changed.unsafeClose()
      return Effect.zipRight(this.hasWork ? this.write : this.changed.await, next)
    })
    const renewing = Effect.forever(Effect.delay(Effect.sync(this.renew), this.settings.leaseMillis / 3))
    return Effect.scoped(Effect.zipRight(Effect.forkScoped(renewing), next))
  }

  /** What readers in this process read, without a store in between. */
  readonly source: RunSource = {
    read: (_id, after, limit) => Effect.sync(() => this.log.read(after, limit, 0)),
    watch: (id, _topic, notify) => this.signals.watch(id, notify),
    expire: () => Effect.void
  }

  private readonly renew = (): void => {
    this.isRenewalDue = true
    this.changed.unsafeOpen()
  }

  private get hasWork(): boolean {
    return this.isRenewalDue || this.end !== undefined || this.stored < this.entries.length
  }

  private readonly write: Effect.Effect<void> = Effect.suspend(() => {
    const { id, retentionMillis } = this.run
    const { leaseMillis, deliver } = this.settings
    const entries = this.entries.slice(this.stored, this.stored + maxBatch)
    const isLast = this.stored + entries.length === this.entries.length
    const end = isLast ? this.end : undefined
    const write = { id, epoch: 1, first: this.stored + 1, entries, end, leaseMillis, retentionMillis }
    this.isRenewalDue = false
    // The fibers of the readers continue after this one has called the store. The end is shown once it is stored.
    if (deliver === "begun") this.show({ ...write, end: undefined })
    return Effect.matchEffect(this.store.write(write), {
      onFailure: () => this.failed,
      onSuccess: (written) => Effect.sync(() => this.took(write, written))
    })
  })

  private took(write: RunWrite, written: RunWritten): void {
    this.failures = 0
    if (written.type === "refused") return this.abandon()
    if (written.type === "gap") {
      this.stored = Math.min(written.last.sequence, this.stored)
      return
    }
    this.stored += write.entries.length
    this.show(write)
    if (write.end !== undefined) this.isDone = true
    else if (written.isStopRequested) this.events.onStop()
  }

  private abandon(): void {
    this.isDone = true
    this.show({ ...this.run, epoch: 1, first: this.log.length + 1, entries: [], end: lostEnd })
    this.events.onRefused()
  }

  private readonly failed = Effect.clockWith((clock) => {
    const isHopeless = this.end !== undefined && monotonicMillis(clock) - this.endedAt > endPatienceMillis
    if (isHopeless) {
      this.abandon()
      return Effect.logWarning("the end of a run could not be stored, because its store cannot be reached")
    }
    this.isRenewalDue = true
    return Effect.sleep(Math.min(minRetryMillis * 2 ** this.failures++, maxRetryMillis))
  })

  /** Shows the readers in this process what was written. */
  private show(write: RunWrite): void {
    this.log.write({ ...write, leaseMillis: Number.POSITIVE_INFINITY }, 0)
    if (write.entries.length > 0 || write.end !== undefined) this.signals.notify(write.id)
  }
}
