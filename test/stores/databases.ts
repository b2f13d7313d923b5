/** Opens the databases of the tests: SQLite in a file of its own, and PostgreSQL. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { SqlClient } from "@effect/sql"
import { PgClient } from "@effect/sql-pg"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { postgresServer } from "./postgresServer.js"

/** A new connection, as another process has it. */
export type Connect = () => Layer.Layer<SqlClient.SqlClient>

/** The path of a file that is deleted with the scope. */
const file: Effect.Effect<string, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "llm-sqlite-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "stores.db")
)

/** SQLite. */
export const sqlite: Effect.Effect<Connect, never, Scope.Scope> = Effect.map(
  file,
  (filename) => () => Layer.orDie(Layer.fresh(SqliteClient.layer({ filename })))
)

/** Connects to a PostgreSQL server. */
export const connectTo =
  (url: string): Connect =>
  () =>
    Layer.orDie(Layer.fresh(PgClient.layer({ url: Redacted.make(url) })))

/** PostgreSQL. */
export const postgres: Effect.Effect<Connect, never, Scope.Scope> = Effect.map(postgresServer, ({ url }) =>
  connectTo(url)
)
