/** A semaphore whose permits go to waiters by priority, then in turn by key, then in order of arrival. */
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../domain/monotonic.js"

interface Waiter {
  readonly key: string
  readonly priority: number
  acquired: () => void
  hasPermit: boolean
}

/** Those who wait with one priority, by key; the key that comes first is served next. */
type Level = Map<string, Set<Waiter>>

/** Mutable, as every call passes; each method is one synchronous step. */
export class FairSemaphore {
  private readonly levels = new Map<number, Level>()
  private free: number

  constructor(private readonly permits: number) {
    this.free = permits
  }

  /** Whether nobody waits or holds a permit. */
  get isIdle(): boolean {
    return this.free === this.permits && this.levels.size === 0
  }

  /** How many at least come before one who arrives now. */
  ahead(key: string, priority: number): number {
    return this.levels.get(priority)?.get(key)?.size ?? 0
  }

  /**
   * Waits for a permit and gives how long that took in milliseconds; 0 if one was free. Interruption leaves the queue, and
   * releases a permit that was just assigned.
   */
  take(key: string, priority: number): Effect.Effect<number> {
    return Effect.clockWith((clock) => {
      if (this.free > 0) {
        this.free -= 1
        return Effect.succeed(0)
      }
      const begun = monotonicMillis(clock)
      const waiter: Waiter = { key, priority, acquired: () => {}, hasPermit: false }
      return Effect.async<number>((resume) => {
        waiter.acquired = () => resume(Effect.succeed(monotonicMillis(clock) - begun))
        this.add(waiter)
      }).pipe(Effect.onInterrupt(() => (waiter.hasPermit ? this.release : Effect.sync(() => this.remove(waiter)))))
    })
  }

  /** Releases a permit, to the next who waits. */
  readonly release: Effect.Effect<void> = Effect.sync(() => {
    const next = this.next()
    if (next === undefined) {
      this.free += 1
      return
    }
    this.remove(next)
    // The next turn of this priority belongs to another key.
    const level = this.levels.get(next.priority)
    const others = level?.get(next.key)
    if (level !== undefined && others !== undefined) {
      level.delete(next.key)
      level.set(next.key, others)
    }
    next.hasPermit = true
    next.acquired()
  })

  private add(waiter: Waiter): void {
    const level: Level = this.levels.get(waiter.priority) ?? new Map()
    this.levels.set(waiter.priority, level)
    const same = level.get(waiter.key) ?? new Set()
    level.set(waiter.key, same.add(waiter))
  }

  private next(): Waiter | undefined {
    let highest: number | undefined
    for (const priority of this.levels.keys()) highest = Math.max(priority, highest ?? priority)
    const level = highest === undefined ? undefined : this.levels.get(highest)
    return level?.values().next().value?.values().next().value
  }

  private remove(waiter: Waiter): void {
    const level = this.levels.get(waiter.priority)
    const same = level?.get(waiter.key)
    same?.delete(waiter)
    if (same?.size === 0) level?.delete(waiter.key)
    if (level?.size === 0) this.levels.delete(waiter.priority)
  }
}

/** The priority of a call as a number that can be compared. */
export const priorityOf = (priority: number | undefined): number =>
  priority === undefined || Number.isNaN(priority) ? 0 : priority
