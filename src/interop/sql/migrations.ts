/**
 * The tables of the stores. A migration that was released is never changed: a later one changes its tables. Times are whole
 * milliseconds since 1970 on the database's clock.
 */
import { Migrator, SqlClient, type SqlError } from "@effect/sql"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { runWrites } from "./runWrites.js"

const table = "llm_connectivity_migrations"

const statements = (...all: ReadonlyArray<string>): Effect.Effect<void, SqlError.SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.forEach(all, (text) => sql.unsafe(text).withoutTransform, { discard: true })
  )

// The columns that every write changes are in no index, so that a write costs one page of SQLite, and PostgreSQL can
// update in place.
const runs = [
  `CREATE TABLE llm_runs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    digest TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    epoch INTEGER NOT NULL,
    last_sequence BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    retention BIGINT NOT NULL,
    stop_requested INTEGER NOT NULL,
    ending TEXT,
    kept_until BIGINT
  )`,
  "CREATE INDEX llm_runs_of_owner ON llm_runs (owner, started_at)",
  "CREATE INDEX llm_runs_ended ON llm_runs (kept_until) WHERE ending IS NOT NULL",
  "CREATE INDEX llm_runs_running ON llm_runs (id) WHERE ending IS NULL"
]

const entries = `CREATE TABLE llm_run_entries (
  run TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (run, sequence)
)`

const runsOf = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql.onDialectOrElse({
    // Without row ids a write costs one page less.
    sqlite: () => statements(...runs, `${entries} WITHOUT ROWID`, ...runWrites),
    orElse: () => statements(...runs, entries)
  })
)

const approvals = statements("CREATE TABLE llm_approvals (id TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)")

const cache = statements(
  "CREATE TABLE llm_cache (cache_key TEXT PRIMARY KEY, body TEXT NOT NULL, expires_at BIGINT NOT NULL)",
  "CREATE INDEX llm_cache_expiry ON llm_cache (expires_at)"
)

const run = Migrator.make({})({
  table,
  loader: Migrator.fromRecord({ "1_runs": runsOf, "2_approvals": approvals, "3_cache": cache })
})

/** Makes the tables that are missing. Processes that start together may be in each other's way, so it tries again. */
export const migrate: Effect.Effect<void, unknown, SqlClient.SqlClient> = run.pipe(
  // The migrator dies of a migration that failed.
  Effect.catchAllCause((cause) => Effect.fail(Cause.squash(cause))),
  Effect.retry({ times: 5, schedule: Schedule.jittered(Schedule.spaced("200 millis")) }),
  Effect.asVoid
)
