/** Looks for changes of the runs that this process watches: one query for all of them, more often while they change. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { RunTopic } from "../../runs/RunStoreService.js"
import { Signals } from "../../runs/Signals.js"
import type { Database } from "./Database.js"
import * as statements from "./runStatements.js"

const minMillis = 20

// Readers may wait a little for what they read. Who asks for a stop pays for what is still written: it is to take 100 ms
// at most, of which the commit of the request and two queries need up to 50. A round costs about 1 ms of CPU.
const maxMillis: { readonly [Topic in RunTopic]: number } = { entries: 250, stop: 40 }

// The most runs of one query.
const maxRuns = 500

interface Watched {
  watchers: number
  /** What the last query has found. */
  seen: string | undefined
  /** Whether the next round leaves it out. */
  isSkipped: boolean
}

/** The runs that are watched for one topic. Mutable, as every query updates what was seen. */
export class RunPoller {
  private readonly signals = new Signals()
  private readonly watched = new Map<string, Watched>()
  private readonly isNeeded = Effect.unsafeMakeLatch(false)
  private interval = minMillis

  constructor(
    private readonly db: Database,
    private readonly topic: RunTopic
  ) {}

  /** Calls `notify` when a run changes, until the scope closes. */
  watch(id: string, notify: () => void): Effect.Effect<void, never, Scope.Scope> {
    const add = Effect.sync(() => this.add(id))
    const remove = Effect.sync(() => this.remove(id))
    return Effect.zipRight(
      Effect.acquireRelease(add, () => remove),
      this.signals.watch(id, notify)
    )
  }

  /** Tells the watchers in this process that a run has changed. */
  tell(id: string): void {
    this.signals.notify(id)
  }

  /** Leaves a run out of the next round, as its watcher has just heard from the store. */
  skip(id: string): void {
    const watched = this.watched.get(id)
    if (watched !== undefined) watched.isSkipped = true
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
    const interval = Math.min(this.interval, maxMillis[this.topic])
    this.interval = interval * 1.5
    return interval
  }

  private readonly poll: Effect.Effect<void, StateUnavailable> = Effect.gen(this, function* () {
    const ids = this.due()
    for (let from = 0; from < ids.length; from += maxRuns) {
      const batch = ids.slice(from, from + maxRuns)
      const rows = yield* this.db.run(statements.states(this.db, batch))
      const found = new Map(rows.map((row) => [row.id, row]))
      for (const id of batch) this.saw(id, stateOf(this.topic, found.get(id)))
    }
  })

  private due(): ReadonlyArray<string> {
    const ids: Array<string> = []
    for (const [id, watched] of this.watched) {
      if (!watched.isSkipped) ids.push(id)
      watched.isSkipped = false
    }
    return ids
  }

  private saw(id: string, state: string): void {
    const watched = this.watched.get(id)
    if (watched === undefined || watched.seen === state) return
    watched.seen = state
    this.interval = minMillis
    this.signals.notify(id)
  }

  private add(id: string): void {
    const watched = this.watched.get(id) ?? { watchers: 0, seen: undefined, isSkipped: false }
    watched.watchers += 1
    // A watcher that joins others has not seen what they have seen.
    watched.seen = undefined
    this.watched.set(id, watched)
    this.interval = minMillis
    this.isNeeded.unsafeOpen()
  }

  private remove(id: string): void {
    const watched = this.watched.get(id)
    if (watched === undefined) return
    watched.watchers -= 1
    if (watched.watchers === 0) this.watched.delete(id)
  }
}

const stateOf = (topic: RunTopic, row: statements.StateRow | undefined): string => {
  if (row === undefined) return "gone"
  return topic === "stop" ? String(row.stop_requested) : `${row.last_sequence} ${row.has_ended}`
}
