/** The statements of the store of runs. Each is atomic. */
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

/** What is known after a write. */
export interface WrittenRow {
  readonly stop_requested: number
}

/** What the poller compares. */
export interface StateRow {
  readonly id: string
  readonly last_sequence: number | string
  readonly stop_requested: number
  readonly has_ended: number
}

const columns = ({ sql, now }: Database) =>
  sql`id, owner, digest, started_at, epoch, last_sequence, lease_until - ${now} AS lease_left, stop_requested, ending`

/** Deletes the entries of an earlier run with this id that is no longer kept. */
export const forget = (db: Database, id: string): Statement.Statement<object> =>
  db.sql`DELETE FROM llm_run_entries WHERE run = ${id}
    AND NOT EXISTS (SELECT 1 FROM llm_runs WHERE id = ${id} AND ${db.isKept})`

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

/** Writes entries and an end, and renews the lease. Gives rows if the write was accepted. */
export const write = (db: Database, write: RunWrite): Statement.Statement<WrittenRow> =>
  db.hasWritingQueries ? writeTables(db, write) : writeView(db, write)

/** SQLite: `runWrites.ts` has what happens with each row. */
const writeView = (db: Database, { id, epoch, first, entries, end, ...times }: RunWrite) => {
  const { sql } = db
  const { leaseMillis, retentionMillis } = times
  const [entry, ...more] = entries
  const returning = sql.literal("RETURNING (SELECT stop_requested FROM llm_runs WHERE id = run) AS stop_requested")
  if (more.length === 0) {
    const sequence = entry === undefined ? first - 1 : first
    return sql<WrittenRow>`INSERT INTO llm_run_writes
      VALUES (${id}, ${epoch}, ${sequence}, ${entry ?? null}, ${end ?? null}, ${leaseMillis}, ${retentionMillis})
      ${returning}`
  }
  return sql<WrittenRow>`INSERT INTO llm_run_writes
    SELECT ${id}, ${epoch}, ${first - 1} + position, value, CASE position WHEN ${entries.length} THEN ${end ?? null} END,
      ${leaseMillis}, ${retentionMillis}
    FROM ${db.rowsOf(entries)} ORDER BY position ${returning}`
}

const writeTables = (db: Database, { id, epoch, first, entries, end, ...times }: RunWrite) => {
  const { sql, now, isKept } = db
  const ending = end === undefined ? sql`` : sql`, ending = ${end}, kept_until = ${now} + ${times.retentionMillis}`
  const renew = sql`UPDATE llm_runs SET last_sequence = GREATEST(last_sequence, ${first - 1 + entries.length}),
    lease_until = ${now} + ${times.leaseMillis}, retention = ${times.retentionMillis} ${ending}
    WHERE id = ${id} AND epoch = ${epoch} AND ending IS NULL AND last_sequence >= ${first - 1} AND ${isKept}
    RETURNING stop_requested`
  if (entries.length === 0) return sql<WrittenRow>`${renew}`
  return sql<WrittenRow>`WITH renewed AS (${renew}), appended AS (
      INSERT INTO llm_run_entries (run, sequence, body) SELECT ${id}, ${first - 1} + position, value
      FROM ${db.rowsOf(entries)} WHERE EXISTS (SELECT 1 FROM renewed) ON CONFLICT DO NOTHING
    ) SELECT stop_requested FROM renewed`
}

/** Ends a run whose lease has lapsed. */
export const expire = (db: Database, id: string, end: string): Statement.Statement<object> =>
  db.sql`UPDATE llm_runs SET epoch = epoch + 1, ending = ${end}, kept_until = ${db.now} + retention
    WHERE id = ${id} AND ending IS NULL AND lease_until <= ${db.now} RETURNING id`

/** Asks for the end of a run. */
export const requestStop = (db: Database, id: string): Statement.Statement<object> =>
  db.sql`UPDATE llm_runs SET stop_requested = 1
    WHERE id = ${id} AND ending IS NULL AND ${db.isKept} RETURNING id`

/** Finds a run. */
export const find = (db: Database, id: string): Statement.Statement<RunRow> =>
  db.sql`SELECT ${columns(db)} FROM llm_runs WHERE id = ${id} AND ${db.isKept}`

/** Reads a run and its entries after a sequence; one row without an entry if there are none. */
export const read = (db: Database, id: string, after: number, limit: number): Statement.Statement<PageRow> =>
  db.sql`SELECT ${columns(db)}, sequence, body FROM llm_runs LEFT JOIN llm_run_entries
      ON run = id AND sequence > ${after} AND sequence <= last_sequence
    WHERE id = ${id} AND ${db.isKept} ORDER BY sequence LIMIT ${limit}`

/** Lists the latest runs of an owner. */
export const list = (db: Database, owner: string, limit: number): Statement.Statement<RunRow> =>
  db.sql`SELECT ${columns(db)} FROM llm_runs WHERE owner = ${owner} AND ${db.isKept}
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
      AND NOT EXISTS (SELECT 1 FROM llm_runs WHERE id = run AND ${db.isKept})`,
    db.sql`DELETE FROM llm_runs WHERE id ${among} AND NOT (${db.isKept})`
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
