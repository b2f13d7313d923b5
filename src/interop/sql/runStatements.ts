/** The statements of the store of runs. Each is atomic; what several of them change is visible with the last one. */
import type { Statement } from "@effect/sql"
import type { NewRun, RunRecord, RunWrite } from "../../runs/RunStoreService.js"
import type { Database } from "./Database.js"

/** A row of `llm_runs`. PostgreSQL gives large integers as text. */
export interface RunRow {
  readonly id: string
  readonly owner: string
  readonly digest: string
  readonly started_at: number | string
  readonly epoch: number
  readonly last_sequence: number | string
  readonly lease_left: number | string
  readonly stop_requested: number
  readonly ending: string | null
}

/** A row of a page: the run, and an entry if there is one. */
export interface PageRow extends RunRow {
  readonly sequence: number | string | null
  readonly body: string | null
}

/** What the poller compares. */
export interface StateRow {
  readonly id: string
  readonly last_sequence: number | string
  readonly stop_requested: number
  readonly has_ended: number
}

// What is silent for its lease and its retention is forgotten as what has ended.
const isKept = ({ sql, now }: Database) => sql`COALESCE(kept_until, lease_until + retention) > ${now}`

const columns = ({ sql, now }: Database) =>
  sql`id, owner, digest, started_at, epoch, last_sequence, lease_until - ${now} AS lease_left, stop_requested, ending`

/** Deletes the entries of an earlier run with this id that is no longer kept. */
export const forget = (db: Database, id: string): Statement.Statement<object> =>
  db.sql`DELETE FROM llm_run_entries WHERE run = ${id}
    AND NOT EXISTS (SELECT 1 FROM llm_runs WHERE id = ${id} AND ${isKept(db)})`

/** Inserts a run, in place of one that is no longer kept; gives no row if one is. */
export const create = (db: Database, run: NewRun): Statement.Statement<object> => {
  const { id, owner, digest, leaseMillis, retentionMillis } = run
  return db.sql`INSERT INTO llm_runs
    (id, owner, digest, started_at, epoch, last_sequence, lease_until, retention, stop_requested)
    VALUES (${id}, ${owner}, ${digest}, ${db.now}, 1, 0, ${db.now} + ${leaseMillis}, ${retentionMillis}, 0)
    ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, digest = excluded.digest,
      started_at = excluded.started_at, epoch = 1, last_sequence = 0, lease_until = excluded.lease_until,
      retention = excluded.retention, stop_requested = 0, ending = NULL, kept_until = NULL
    WHERE COALESCE(llm_runs.kept_until, llm_runs.lease_until + llm_runs.retention) <= ${db.now}
    RETURNING id`
}

const isWritable = (db: Database, { id, epoch, first }: RunWrite) =>
  db.sql`id = ${id} AND epoch = ${epoch} AND ending IS NULL AND last_sequence >= ${first - 1} AND ${isKept(db)}`

const renew = (db: Database, write: RunWrite) => {
  const { first, entries, end, leaseMillis, retentionMillis } = write
  const { sql, now, greatest } = db
  const ending = end === undefined ? sql`` : sql`, ending = ${end}, kept_until = ${now} + ${retentionMillis}`
  return sql`UPDATE llm_runs SET last_sequence = ${greatest}(last_sequence, ${first - 1 + entries.length}),
    lease_until = ${now} + ${leaseMillis}, retention = ${retentionMillis} ${ending}
    WHERE ${isWritable(db, write)} RETURNING stop_requested`
}

/**
 * The statements of a write, in their order. The last one gives a row if the write was accepted. Readers see entries up to
 * `last_sequence` only, so that those that a first statement has appended count with the last one.
 */
export const write = (
  db: Database,
  write: RunWrite
): ReadonlyArray<Statement.Statement<{ readonly stop_requested: number }>> => {
  const { id, first, entries } = write
  const { sql } = db
  if (entries.length === 0) return [sql`${renew(db, write)}`]
  const append = (from: Statement.Fragment) =>
    sql`INSERT INTO llm_run_entries (run, sequence, body) SELECT ${id}, ${first - 1} + position, value
      FROM ${db.rowsOf(entries)} WHERE EXISTS (${from}) ON CONFLICT DO NOTHING`
  if (!db.hasWritingQueries) {
    return [sql`${append(sql`SELECT 1 FROM llm_runs WHERE ${isWritable(db, write)}`)}`, sql`${renew(db, write)}`]
  }
  return [
    sql`WITH renewed AS (${renew(db, write)}), appended AS (${append(sql`SELECT 1 FROM renewed`)})
      SELECT stop_requested FROM renewed`
  ]
}

/** Ends a run whose lease has lapsed. */
export const expire = (db: Database, id: string, end: string): Statement.Statement<object> =>
  db.sql`UPDATE llm_runs SET epoch = epoch + 1, ending = ${end}, kept_until = ${db.now} + retention
    WHERE id = ${id} AND ending IS NULL AND lease_until <= ${db.now} RETURNING id`

/** Asks for the end of a run. */
export const requestStop = (db: Database, id: string): Statement.Statement<object> =>
  db.sql`UPDATE llm_runs SET stop_requested = 1
    WHERE id = ${id} AND ending IS NULL AND ${isKept(db)} RETURNING id`

/** Finds a run. */
export const find = (db: Database, id: string): Statement.Statement<RunRow> =>
  db.sql`SELECT ${columns(db)} FROM llm_runs WHERE id = ${id} AND ${isKept(db)}`

/** Reads a run and its entries after a sequence; one row without an entry if there are none. */
export const read = (db: Database, id: string, after: number, limit: number): Statement.Statement<PageRow> =>
  db.sql`SELECT ${columns(db)}, sequence, body FROM llm_runs LEFT JOIN llm_run_entries
      ON run = id AND sequence > ${after} AND sequence <= last_sequence
    WHERE id = ${id} AND ${isKept(db)} ORDER BY sequence LIMIT ${limit}`

/** Lists the latest runs of an owner. */
export const list = (db: Database, owner: string, limit: number): Statement.Statement<RunRow> =>
  db.sql`SELECT ${columns(db)} FROM llm_runs WHERE owner = ${owner} AND ${isKept(db)}
    ORDER BY started_at DESC LIMIT ${limit}`

/** Reads what the poller compares. */
export const states = (db: Database, ids: ReadonlyArray<string>): Statement.Statement<StateRow> =>
  db.sql`SELECT id, last_sequence, stop_requested, CASE WHEN ending IS NULL THEN 0 ELSE 1 END AS has_ended
    FROM llm_runs WHERE id IN (SELECT value FROM ${db.rowsOf(ids)})`

/** The ids of some runs that are no longer kept. */
export const forgotten = ({ sql, now }: Database): Statement.Statement<{ readonly id: string }> =>
  sql`SELECT id FROM llm_runs WHERE (ending IS NOT NULL AND kept_until <= ${now})
    OR (ending IS NULL AND lease_until + retention <= ${now}) LIMIT 100`

/** Deletes runs, after their entries: a process that dies in between leaves no entries without a run. */
export const remove = (db: Database, ids: ReadonlyArray<string>): ReadonlyArray<Statement.Statement<object>> => {
  const among = db.sql`IN (SELECT value FROM ${db.rowsOf(ids)})`
  return [
    db.sql`DELETE FROM llm_run_entries WHERE run ${among}
      AND NOT EXISTS (SELECT 1 FROM llm_runs WHERE id = run AND ${isKept(db)})`,
    db.sql`DELETE FROM llm_runs WHERE id ${among} AND NOT (${isKept(db)})`
  ]
}

/** Makes a record of a row. */
export const recordOf = (row: RunRow): RunRecord => ({
  id: row.id,
  owner: row.owner,
  digest: row.digest,
  startedAt: Number(row.started_at),
  // Whoever begins a later epoch writes an end and no entry.
  last: { epoch: 1, sequence: Number(row.last_sequence) },
  leaseMillis: Number(row.lease_left),
  isStopRequested: row.stop_requested === 1,
  end: row.ending ?? undefined
})
