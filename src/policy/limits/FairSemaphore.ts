/** A semaphore whose permits go to waiters by priority, then in turn by key, then in order of arrival. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { monotonicMillis } from "../../domain/monotonic.js"

/** Who waits for a permit, or holds one. */
interface Place {
  readonly key: string
  readonly priority: number
  hasPermit: boolean
  /** Called when the place gets its permit. */
  onPermit: () => void
}

/** Those who wait with one priority, by key; the key that comes first is served next. */
type Level = Map<string, Set<Place>>

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
   * Waits for a permit and gives how long that took in milliseconds; 0 if one was free. The scope's end releases the permit
   * or leaves the queue. The place belongs to the scope before the wait begins, because an interruption, or a timeout, can
   * drop the result of a wait that has just succeeded.
   */
  take(key: string, priority: number): Effect.Effect<number, never, Scope.Scope> {
    const place = Effect.acquireRelease(
      Effect.sync(() => this.enter(key, priority)),
      (entered) => Effect.sync(() => this.leave(entered))
    )
    return Effect.flatMap(place, waitForPermit)
  }

  private enter(key: string, priority: number): Place {
    const place: Place = { key, priority, hasPermit: this.free > 0, onPermit: () => {} }
    if (place.hasPermit) this.free -= 1
    else this.add(place)
    return place
  }

  private leave(place: Place): void {
    if (place.hasPermit) this.release()
    else this.remove(place)
  }

  /** Gives a permit to the next who waits. */
  private release(): void {
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
    next.onPermit()
  }

  private add(place: Place): void {
    const level: Level = this.levels.get(place.priority) ?? new Map()
    this.levels.set(place.priority, level)
    const same = level.get(place.key) ?? new Set()
    level.set(place.key, same.add(place))
  }

  private next(): Place | undefined {
    let highest: number | undefined
    for (const priority of this.levels.keys()) highest = Math.max(priority, highest ?? priority)
    const level = highest === undefined ? undefined : this.levels.get(highest)
    return level?.values().next().value?.values().next().value
  }

  private remove(place: Place): void {
    const level = this.levels.get(place.priority)
    const same = level?.get(place.key)
    same?.delete(place)
    if (same?.size === 0) level?.delete(place.key)
    if (level?.size === 0) this.levels.delete(place.priority)
  }
}

const waitForPermit = (place: Place): Effect.Effect<number> =>
  Effect.clockWith((clock) => {
    if (place.hasPermit) return Effect.succeed(0)
    const begun = monotonicMillis(clock)
    return Effect.async((resume) => {
      place.onPermit = () => resume(Effect.succeed(monotonicMillis(clock) - begun))
      // The fiber may have yielded before this step.
      if (place.hasPermit) place.onPermit()
    })
  })

/** The priority of a call as a number that can be compared. */
export const priorityOf = (priority: number | undefined): number =>
  priority === undefined || Number.isNaN(priority) ? 0 : priority
