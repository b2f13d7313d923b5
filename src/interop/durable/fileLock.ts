/** Lets one process at a time use a file: an exclusive transaction, which the system ends with the process. */
import type { SqliteClient } from "@effect/sql-sqlite-node/SqliteClient"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DurableError } from "./DurableError.js"

const locked = (path: string) =>
  new DurableError({
    reason: "Locked",
    message: `another process works on ${path}; to start work or read results beside it, use Durable.sqliteClient, and to share the work, Durable.postgres`
  })

/**
 * Holds the lock until the scope closes, by a client of a database beside the file. A process that is killed leaves no
 * lock behind, as a file with its id would.
 */
export const holdLock = <R>(
  path: string,
  open: Effect.Effect<SqliteClient, never, R>
): Effect.Effect<void, DurableError, R | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = yield* open
    // By default, SQLite blocks the thread for 5 seconds before it reports a lock.
    yield* sql`PRAGMA busy_timeout = 0`
    yield* sql`BEGIN EXCLUSIVE`
  }).pipe(Effect.mapError(() => locked(path)))
