/** The store of runs in SQLite or PostgreSQL. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { Position } from "../../runs/Position.js"
import type { NewRun, RunPage, RunRecord, RunStoreService, RunWrite, RunWritten } from "../../runs/RunStoreService.js"
import type { Database } from "./Database.js"
import { RunPoller } from "./RunPoller.js"
import * as statements from "./runStatements.js"

/** Makes the store. While the scope is open it deletes runs that are no longer kept, once in a minute. */
export const make = (db: Database): Effect.Effect<RunStoreService, never, Scope.Scope> =>
  Effect.gen(function* () {
    const readers = new RunPoller(db, "entries")
    const producers = new RunPoller(db, "stop")
    yield* Effect.forkScoped(readers.work)
    yield* Effect.forkScoped(producers.work)
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(sweep(db)), Schedule.spaced("1 minute")))
    return {
      create: (run) => create(db, run),
      write: (write) =>
        Effect.map(store(db, write), (written) => {
          if (written.type === "written") {
            if (write.entries.length > 0 || write.end !== undefined) readers.tell(write.id)
            // The reply says whether to stop.
            producers.skip(write.id)
          }
          return written
        }),
      expire: (id, end) => told(readers, id, db.run(statements.expire(db, id, end))),
      read: (id, after, limit) => read(db, id, after, limit),
      find: (id) => find(db, id),
      requestStop: (id) => told(producers, id, db.run(statements.requestStop(db, id))),
      list: (owner, limit) =>
        Effect.map(db.run(statements.list(db, owner, limit)), (rows) => rows.map(statements.recordOf)),
      watch: (id, topic, notify) => (topic === "stop" ? producers : readers).watch(id, () => notify([]))
    }
  })

const create = (db: Database, run: NewRun): Effect.Effect<RunRecord | undefined, StateUnavailable> =>
  Effect.gen(function* () {
    yield* db.run(statements.forget(db, run.id))
    const created = yield* db.run(statements.create(db, run))
    if (created.length > 0) return undefined
    // One that was forgotten in this moment is made anew.
    return (yield* find(db, run.id)) ?? (yield* create(db, run))
  })

const find = (db: Database, id: string): Effect.Effect<RunRecord | undefined, StateUnavailable> =>
  Effect.map(db.run(statements.find(db, id)), ([row]) => (row === undefined ? undefined : statements.recordOf(row)))

const store = (db: Database, write: RunWrite): Effect.Effect<RunWritten, StateUnavailable> =>
  Effect.flatMap(db.run(statements.write(db, write)), ([row]) =>
    row !== undefined
      ? Effect.succeed({ type: "written", isStopRequested: row.stop_requested === 1 })
      : Effect.map(db.run(statements.find(db, write.id)), ([found]) => refusal(write, found))
  )

/** Why a write was not accepted. Another process may have ended the run since, which is a reason too. */
const refusal = (write: RunWrite, row: statements.RunRow | undefined): RunWritten => {
  if (row === undefined || row.epoch !== write.epoch) return { type: "refused" }
  const { last, end, isStopRequested } = statements.recordOf(row)
  if (end === undefined) return last.sequence < write.first - 1 ? { type: "gap", last } : { type: "refused" }
  // The reply to this write was lost, and its producer asks again.
  return write.end === end ? { type: "written", isStopRequested } : { type: "refused" }
}

const read = (db: Database, id: string, after: Position, limit: number) => {
  // Every entry has epoch 1: a later epoch has an end only.
  const sequence = after.epoch < 1 ? 0 : after.epoch > 1 ? Number.MAX_SAFE_INTEGER : after.sequence
  return Effect.map(db.run(statements.read(db, id, sequence, limit)), (rows): RunPage | undefined => {
    const [first] = rows
    if (first === undefined) return undefined
    const entries = rows.flatMap(({ sequence, body }) =>
      sequence === null || body === null ? [] : [{ position: { epoch: 1, sequence: Number(sequence) }, text: body }]
    )
    return { record: statements.recordOf(first), entries }
  })
}

/** Tells the watchers in this process of a change at once; those elsewhere poll. */
const told = (poller: RunPoller, id: string, rows: Effect.Effect<ReadonlyArray<object>, StateUnavailable>) =>
  Effect.map(rows, ({ length }) => {
    if (length > 0) poller.tell(id)
  })

const sweep = (db: Database): Effect.Effect<void, StateUnavailable> =>
  Effect.gen(function* () {
    const rows = yield* db.run(statements.forgotten(db))
    if (rows.length === 0) return
    const ids = rows.map(({ id }) => id)
    for (const statement of statements.remove(db, ids)) yield* db.run(statement)
    yield* sweep(db)
  })
