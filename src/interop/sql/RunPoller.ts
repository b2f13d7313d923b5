/** Looks for changes of the runs that this process watches: one query for all of them, more often while they change. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { RunTopic } from "../../runs/RunStoreService.js"
import { Signals } from "../../runs/Signals.js"
import type { Database } from "./Database.js"
import * as statements from "./runStatements.js"

const minMillis = 20

// Readers may wait a little for what they read. Who asks for a stop pays for what is still written.
const maxMillis: { readonly [Topic in RunTopic]: number } = { entries: 250, stop: 50 }

// The most runs of one query.
const maxRuns = 500

const topics = ["entries", "stop"] as const

interface Watched {
  readonly id: string
  readonly topic: RunTopic
  watchers: number
  /** What the last query has found. */
  seen: string | undefined
}

/** The runs that are watched. Mutable, as every query updates what was seen. */
export class RunPoller {
  private readonly signals = new Signals()
  private readonly watched = new Map<string, Watched>()
  private readonly isNeeded = Effect.unsafeMakeLatch(false)
  private interval = minMillis

  constructor(private readonly db: Database) {}

  /** Calls `notify` when a run changes, until the scope closes. */
  watch(id: string, topic: RunTopic, notify: () => void): Effect.Effect<void, never, Scope.Scope> {
    const add = Effect.sync(() => this.add(id, topic))
    const remove = Effect.sync(() => this.remove(id, topic))
    return Effect.zipRight(
      Effect.acquireRelease(add, () => remove),
      this.signals.watch(keyOf(id, topic), notify)
    )
  }

  /** Tells the watchers in this process that a run has changed. */
  tell(id: string): void {
    for (const topic of topics) this.signals.notify(keyOf(id, topic))
  }

  /** Polls as long as something is watched. */
  get work(): Effect.Effect<never> {
    const round = Effect.suspend(() => {
      if (this.watched.size === 0) this.isNeeded.unsafeClose()
      return this.isNeeded.await.pipe(
        Effect.zipRight(Effect.suspend(() => Effect.sleep(this.nextInterval))),
        // A database that is away is asked less and less often, as one without news.
        Effect.zipRight(Effect.ignore(this.poll))
      )
    })
    return Effect.forever(round)
  }

  private get nextInterval(): number {
    const hasStops = Array.from(this.watched.values()).some(({ topic }) => topic === "stop")
    const interval = Math.min(this.interval, hasStops ? maxMillis.stop : maxMillis.entries)
    this.interval = interval * 1.5
    return interval
  }

  private readonly poll: Effect.Effect<void, StateUnavailable> = Effect.gen(this, function* () {
    const ids = Array.from(new Set(Array.from(this.watched.values(), ({ id }) => id)))
    const found = new Map<string, statements.StateRow>()
    for (let from = 0; from < ids.length; from += maxRuns) {
      const rows = yield* this.db.run(statements.states(this.db, ids.slice(from, from + maxRuns)))
      for (const row of rows) found.set(row.id, row)
    }
    for (const [key, watched] of this.watched) {
      const now = stateOf(watched.topic, found.get(watched.id))
      if (now === watched.seen) continue
      watched.seen = now
      this.interval = minMillis
      this.signals.notify(key)
    }
  })

  private add(id: string, topic: RunTopic): void {
    const key = keyOf(id, topic)
    const watched = this.watched.get(key) ?? { id, topic, watchers: 0, seen: undefined }
    watched.watchers += 1
    // A watcher that joins others has not seen what they have seen.
    watched.seen = undefined
    this.watched.set(key, watched)
    this.interval = minMillis
    this.isNeeded.unsafeOpen()
  }

  private remove(id: string, topic: RunTopic): void {
    const key = keyOf(id, topic)
    const watched = this.watched.get(key)
    if (watched === undefined) return
    watched.watchers -= 1
    if (watched.watchers === 0) this.watched.delete(key)
  }
}

const keyOf = (id: string, topic: RunTopic): string => `${topic}:${id}`

const stateOf = (topic: RunTopic, row: statements.StateRow | undefined): string => {
  if (row === undefined) return "gone"
  return topic === "stop" ? String(row.stop_requested) : `${row.last_sequence} ${row.has_ended}`
}
