/** Runs, used approvals and cached responses in SQLite or PostgreSQL, by the `SqlClient` of `@effect/sql`. */
import type { SqlClient } from "@effect/sql"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ApprovalStore } from "../../policy/ApprovalStore.js"
import { ResponseCache } from "../../policy/cache/ResponseCache.js"
import { RunStore } from "../../runs/RunStore.js"
import { database, type SqlStoreError } from "./Database.js"
import * as SqlApprovals from "./SqlApprovals.js"
import * as SqlResponseCache from "./SqlResponseCache.js"
import * as SqlRuns from "./SqlRuns.js"

/**
 * Provides the store of runs, in tables that it makes (`llm_…`). Times are the database's. Readers and stops in other
 * processes are served by polling, with one query for all runs of a process: every 20 ms while a run is written, up to every
 * 250 ms in pauses, and for stops every 40 ms while a run of this process is silent. While the database cannot be reached
 * its methods fail with `StateUnavailable`.
 *
 * ```ts
 * import { SqliteClient } from "@effect/sql-sqlite-node"
 * import * as Layer from "effect/Layer"
 * import { Sql } from "llm-connectivity/sql"
 *
 * const store = Sql.runStore.pipe(Layer.provide(SqliteClient.layer({ filename: "runs.db" })))
 * ```
 */
export const runStore: Layer.Layer<RunStore, SqlStoreError, SqlClient.SqlClient> = Layer.scoped(
  RunStore,
  Effect.flatMap(database, SqlRuns.make)
)

/**
 * Makes the store of used approvals, so that an approval lets a call run once, by however many processes and across
 * restarts.
 *
 * ```ts
 * Approvals.layer({ secret: Redacted.make(secret), store: Sql.approvalStore })
 * ```
 */
export const approvalStore: Effect.Effect<ApprovalStore, SqlStoreError, SqlClient.SqlClient> = Effect.map(
  database,
  SqlApprovals.make
)

/** Provides the cache of `Policy.cache`. While the database cannot be reached, requests are sent as without a cache. */
export const responseCache: Layer.Layer<ResponseCache, SqlStoreError, SqlClient.SqlClient> = Layer.scoped(
  ResponseCache,
  Effect.flatMap(database, SqlResponseCache.make)
)
