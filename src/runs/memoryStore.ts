/** The store of runs in the memory of this process. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { checkOptions, countProblem } from "../domain/checkOptions.js"
import type { ValidationError } from "../domain/LLMError.js"
import { monotonicMillis } from "../domain/monotonic.js"
import { type RunError, runError } from "./RunError.js"
import { RunLog } from "./RunLog.js"
import type { RunRecord, RunStoreService } from "./RunStoreService.js"
import { Signals } from "./Signals.js"

// Runs that are no longer kept are removed when there are twice as many as after the last removal, and at least this many.
const minSweep = 100
const minSweepMillis = 1000

/** The options of `RunStore.memoryWith`. */
export interface MemoryStoreOptions {
  /**
   * The most runs of one owner, those that have ended and are still kept included; 1,000 by default. Another one fails
   * with `RunError` (`TooMany`). With runs of at most 8 Mi characters (`maxSize` of `Runs.layer`), 1,000 are at most 8 Gi
   * characters of memory for one owner.
   */
  readonly maxRunsPerOwner?: number | undefined
}

/** The runs of this process. Mutable; every method is synchronous, so that nothing interleaves with it. */
class Memory {
  readonly signals = new Signals()
  private readonly logs = new Map<string, RunLog>()
  /** How many of the logs an owner has, those that are no longer kept and not yet removed included. */
  private readonly counts = new Map<string, number>()
  private sweepAt = minSweep
  private sweptAt = Number.NEGATIVE_INFINITY

  constructor(private readonly maxRunsPerOwner: number) {}

  find(id: string, now: number): RunLog | undefined {
    const log = this.logs.get(id)
    return log === undefined || log.isForgotten(now) ? undefined : log
  }

  add(log: RunLog, now: number): void {
    if (this.logs.size >= this.sweepAt) this.sweep(now)
    // Deleted first, so that the order of the map is the order of creation.
    this.remove(log.run.id)
    this.logs.set(log.run.id, log)
    this.counts.set(log.run.owner, this.countOf(log.run.owner) + 1)
  }

  /** Whether an owner has as many runs as are kept. */
  isFull(owner: string, now: number): boolean {
    if (this.countOf(owner) < this.maxRunsPerOwner) return false
    // An owner who is refused again and again must not cost a look at all runs each time.
    if (now >= this.sweptAt + minSweepMillis) this.sweep(now)
    return this.countOf(owner) >= this.maxRunsPerOwner
  }

  of(owner: string, limit: number, now: number): ReadonlyArray<RunRecord> {
    return Array.from(this.logs.values())
      .reverse()
      .filter((log) => log.run.owner === owner && !log.isForgotten(now))
      .slice(0, limit)
      .map((log) => log.record(now))
  }

  private sweep(now: number): void {
    for (const [id, log] of this.logs) if (log.isForgotten(now)) this.remove(id)
    this.sweptAt = now
    this.sweepAt = Math.max(minSweep, this.logs.size * 2)
  }

  private countOf(owner: string): number {
    return this.counts.get(owner) ?? 0
  }

  private remove(id: string): void {
    const log = this.logs.get(id)
    if (log === undefined) return
    this.logs.delete(id)
    const left = this.countOf(log.run.owner) - 1
    if (left > 0) this.counts.set(log.run.owner, left)
    else this.counts.delete(log.run.owner)
  }
}

const timed = <A>(use: (now: number, clock: Clock.Clock) => A): Effect.Effect<A> =>
  Effect.clockWith((clock) => Effect.sync(() => use(monotonicMillis(clock), clock)))

const tooMany = (most: number): RunError =>
  runError(
    "TooMany",
    `the owner has ${most} runs; try again when some are no longer kept, shorten \`retention\`, or set a larger \`maxRunsPerOwner\``
  )

const defaultMaxRuns = 1000

/** Makes an empty store, or fails with a `ValidationError`. */
export const checkedMemoryStore = ({
  maxRunsPerOwner = defaultMaxRuns
}: MemoryStoreOptions): Effect.Effect<RunStoreService, ValidationError> =>
  Effect.map(checkOptions("RunStore.memoryWith", [countProblem("maxRunsPerOwner", maxRunsPerOwner)]), () =>
    makeMemoryStore(maxRunsPerOwner)
  )

/** Makes an empty store. */
export const makeMemoryStore = (maxRunsPerOwner = defaultMaxRuns): RunStoreService => {
  const memory = new Memory(maxRunsPerOwner)
  return {
    create: (run) =>
      Effect.flatten(
        timed((now, clock) => {
          const existing = memory.find(run.id, now)
          if (existing !== undefined) return Effect.succeed(existing.record(now))
          if (memory.isFull(run.owner, now)) return Effect.fail(tooMany(maxRunsPerOwner))
          memory.add(new RunLog(run, clock.unsafeCurrentTimeMillis(), now), now)
          return Effect.succeed(undefined)
        })
      ),
    write: (write) =>
      timed((now) => {
        const written = memory.find(write.id, now)?.write(write, now) ?? { type: "refused" as const }
        const isNews = write.entries.length > 0 || write.end !== undefined
        if (written.type === "written" && isNews) memory.signals.notify(`entries:${write.id}`)
        return written
      }),
    expire: (id, end) =>
      timed((now) => {
        if (memory.find(id, now)?.expire(end, now) === true) memory.signals.notify(`entries:${id}`)
      }),
    read: (id, after, limit) => timed((now) => memory.find(id, now)?.read(after, limit, now)),
    find: (id) => timed((now) => memory.find(id, now)?.record(now)),
    requestStop: (id) =>
      timed((now) => {
        if (memory.find(id, now)?.requestStop() === true) memory.signals.notify(`stop:${id}`)
      }),
    list: (owner, limit) => timed((now) => memory.of(owner, limit, now)),
    watch: (id, topic, notify) => memory.signals.watch(`${topic}:${id}`, notify)
  }
}
