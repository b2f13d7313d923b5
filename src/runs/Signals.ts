/** Tells watchers in this process that something has changed. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StoredEntry } from "./RunStoreService.js"

/** Receives what was written; an empty list for a change without entries. */
type Notify = (entries: ReadonlyArray<StoredEntry>) => void

/** The watchers of keys. Mutable, as every write and every reader uses it. */
export class Signals {
  private readonly watchers = new Map<string, Set<Notify>>()

  /** Calls the watchers of a key. */
  notify(key: string, entries: ReadonlyArray<StoredEntry> = []): void {
    for (const notify of this.watchers.get(key) ?? []) notify(entries)
  }

  /** Calls all watchers. */
  notifyAll(): void {
    for (const key of this.watchers.keys()) this.notify(key)
  }

  /** Whether anyone watches a key. */
  has(key: string): boolean {
    return this.watchers.has(key)
  }

  /** The keys that are watched. */
  get keys(): Iterable<string> {
    return this.watchers.keys()
  }

  /** Watches a key until the scope closes. */
  watch(key: string, notify: Notify): Effect.Effect<void, never, Scope.Scope> {
    const add = Effect.sync(() => {
      const watchers = this.watchers.get(key) ?? new Set()
      this.watchers.set(key, watchers.add(notify))
    })
    const remove = Effect.sync(() => {
      const watchers = this.watchers.get(key)
      watchers?.delete(notify)
      if (watchers?.size === 0) this.watchers.delete(key)
    })
    return Effect.acquireRelease(add, () => remove)
  }
}
