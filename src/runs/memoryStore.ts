/** The store of runs in the memory of this process. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../domain/monotonic.js"
import { RunLog } from "./RunLog.js"
import type { RunRecord, RunStoreService } from "./RunStoreService.js"
import { Signals } from "./Signals.js"

// Runs that are no longer kept are removed when there are twice as many as after the last removal, and at least this many.
const minSweep = 100

/** The runs of this process. Mutable; every method is synchronous, so that nothing interleaves with it. */
class Memory {
  readonly signals = new Signals()
  private readonly logs = new Map<string, RunLog>()
  private sweepAt = minSweep

  find(id: string, now: number): RunLog | undefined {
    const log = this.logs.get(id)
    return log === undefined || log.isForgotten(now) ? undefined : log
  }

  add(log: RunLog, now: number): void {
    if (this.logs.size >= this.sweepAt) this.sweep(now)
    // Deleted first, so that the order of the map is the order of creation.
    this.logs.delete(log.run.id)
    this.logs.set(log.run.id, log)
  }

  of(owner: string, limit: number, now: number): ReadonlyArray<RunRecord> {
    return Array.from(this.logs.values())
      .reverse()
      .filter((log) => log.run.owner === owner && !log.isForgotten(now))
      .slice(0, limit)
      .map((log) => log.record(now))
  }

  private sweep(now: number): void {
    for (const [id, log] of this.logs) if (log.isForgotten(now)) this.logs.delete(id)
    this.sweepAt = Math.max(minSweep, this.logs.size * 2)
  }
}

const timed = <A>(use: (now: number, clock: Clock.Clock) => A): Effect.Effect<A> =>
  Effect.clockWith((clock) => Effect.sync(() => use(monotonicMillis(clock), clock)))

/** Makes an empty store. */
export const makeMemoryStore = (): RunStoreService => {
  const memory = new Memory()
  return {
    create: (run) =>
      timed((now, clock) => {
        const existing = memory.find(run.id, now)
        if (existing !== undefined) return existing.record(now)
        memory.add(new RunLog(run, clock.unsafeCurrentTimeMillis(), now), now)
        return undefined
      }),
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
