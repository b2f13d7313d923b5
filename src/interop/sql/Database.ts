/** The database of the stores: SQLite or PostgreSQL. */
import { SqlClient, type SqlError, type Statement } from "@effect/sql"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { StateUnavailable } from "../../policy/StateUnavailable.js"
import { type Dialect, isKept, postgres, sqlite } from "./Dialect.js"
import { migrate } from "./migrations.js"

/** The database is neither SQLite nor PostgreSQL, or its tables could not be made. */
export class SqlStoreError extends Data.TaggedError("SqlStoreError")<{
  /** What happened and what to do. */
  readonly message: string
  /** The error of the database. */
  readonly cause?: unknown
}> {}

// A partition of the network would otherwise last as long as the operating system's patience.
const timeout = "5 seconds"

/** A database with the tables of the stores. */
export class Database {
  readonly now: Statement.Fragment
  /** The condition of a run that is kept. */
  readonly isKept: Statement.Fragment

  constructor(
    readonly sql: SqlClient.SqlClient,
    private readonly dialect: Dialect
  ) {
    this.now = sql.literal(dialect.now)
    this.isKept = sql.literal(isKept(dialect))
  }

  get hasWritingQueries(): boolean {
    return this.dialect.hasWritingQueries
  }

  /** The items of a list of texts as rows of `value` and `position`, which counts from 1. */
  rowsOf(texts: ReadonlyArray<string>): Statement.Fragment {
    return this.dialect.rowsOf(this.sql, texts)
  }

  /** Runs a statement without a span of its own, as stores poll and write with every network read. */
  run<A extends object>(statement: Statement.Statement<A>): Effect.Effect<ReadonlyArray<A>, StateUnavailable> {
    const rows = Effect.mapError(Effect.withTracerEnabled(statement, false), unavailable)
    // SQLite answers within the call.
    return this.dialect === sqlite ? rows : Effect.timeoutFail(rows, { duration: timeout, onTimeout: () => silent })
  }
}

/** Makes the tables that are missing. */
export const database: Effect.Effect<Database, SqlStoreError, SqlClient.SqlClient> = Effect.gen(function* () {
  const client = yield* SqlClient.SqlClient
  const dialect = client.onDialectOrElse({ pg: () => postgres, sqlite: () => sqlite, orElse: () => undefined })
  if (dialect === undefined) {
    return yield* new SqlStoreError({ message: "the SqlClient is for another database; use SQLite or PostgreSQL" })
  }
  yield* Effect.mapError(migrate, (cause) => new SqlStoreError({ message: unmigrated, cause }))
  return new Database(client.withoutTransforms(), dialect)
})

const unmigrated =
  "the tables of llm-connectivity could not be made; start it once as a database user who may create tables"

const silent = new StateUnavailable({ reason: `the database did not answer within ${timeout}` })

/** Keeps the code of an error, such as `SQLITE_BUSY` or `57P01`: its message may quote content. */
const unavailable = ({ cause }: SqlError.SqlError): StateUnavailable => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no connection"
  return new StateUnavailable({ reason: `the database failed: ${code}` })
}
