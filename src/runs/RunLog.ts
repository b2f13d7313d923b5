/** One run in memory: its entries, its lease and the rules of who may write. */
import { isAfter, type Position } from "./Position.js"
import type { NewRun, RunPage, RunRecord, RunWrite, RunWritten, StoredEntry } from "./RunStoreService.js"

/** Times are in milliseconds: `now` on a monotonic clock, `startedAt` since 1970. */
export class RunLog {
  private readonly texts: Array<string> = []
  private epoch = 1
  private end: string | undefined
  private leaseUntil: number
  private keptUntil = Number.POSITIVE_INFINITY
  private retentionMillis: number
  isStopRequested = false

  constructor(
    readonly run: NewRun,
    readonly startedAt: number,
    now: number
  ) {
    this.leaseUntil = now + run.leaseMillis
    this.retentionMillis = run.retentionMillis
  }

  write(write: RunWrite, now: number): RunWritten {
    if (this.end !== undefined) {
      // The reply to this write was lost, and its producer asks again.
      const isRepeated = write.epoch === this.epoch && write.end === this.end
      return isRepeated ? { type: "written", isStopRequested: this.isStopRequested } : { type: "refused" }
    }
    if (write.epoch !== this.epoch) return { type: "refused" }
    const stored = this.texts.length - (write.first - 1)
    if (stored < 0) return { type: "gap", last: this.last }
    for (const text of write.entries.slice(stored)) this.texts.push(text)
    this.leaseUntil = now + write.leaseMillis
    this.retentionMillis = write.retentionMillis
    if (write.end !== undefined) this.finish(write.end, now)
    return { type: "written", isStopRequested: this.isStopRequested }
  }

  /** Ends the run if its lease has lapsed; says whether it did. */
  expire(end: string, now: number): boolean {
    if (this.end !== undefined || now < this.leaseUntil) return false
    this.epoch++
    this.finish(end, now)
    return true
  }

  /** Says whether this is new. */
  requestStop(): boolean {
    if (this.end !== undefined || this.isStopRequested) return false
    this.isStopRequested = true
    return true
  }

  read(after: Position, limit: number, now: number): RunPage {
    // Every entry has epoch 1: a later epoch has an end only.
    const from = isAfter(after, this.last) ? this.texts.length : after.epoch < 1 ? 0 : after.sequence
    return { record: this.record(now), entries: this.entries(from, from + limit) }
  }

  record(now: number): RunRecord {
    const { id, owner, digest } = this.run
    return {
      id,
      owner,
      digest,
      startedAt: this.startedAt,
      last: this.last,
      leaseMillis: this.leaseUntil - now,
      isStopRequested: this.isStopRequested,
      end: this.end
    }
  }

  /** Whether the run has ended so long ago, or is silent for so long, that it is no longer kept. */
  isForgotten(now: number): boolean {
    return now >= Math.min(this.keptUntil, this.leaseUntil + this.retentionMillis)
  }

  get isEnded(): boolean {
    return this.end !== undefined
  }

  /** The number of entries. */
  get length(): number {
    return this.texts.length
  }

  private get last(): Position {
    return { epoch: 1, sequence: this.texts.length }
  }

  private entries(from: number, to: number): ReadonlyArray<StoredEntry> {
    return this.texts
      .slice(from, to)
      .map((text, index) => ({ position: { epoch: 1, sequence: from + index + 1 }, text }))
  }

  private finish(end: string, now: number): void {
    this.end = end
    this.keptUntil = now + this.retentionMillis
  }
}
