/** What differs between SQLite and PostgreSQL. */
import type { SqlClient, Statement } from "@effect/sql"

/** A kind of database. */
export interface Dialect {
  /** The database's time, in whole milliseconds since 1970. */
  readonly now: string
  /** The items of a list of texts as rows of `value` and `position`, which counts from 1. */
  readonly rowsOf: (sql: SqlClient.SqlClient, texts: ReadonlyArray<string>) => Statement.Fragment
  /** Whether one query can write to two tables. */
  readonly hasWritingQueries: boolean
}

/** SQLite, which answers within the call. */
export const sqlite: Dialect = {
  now: "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)",
  rowsOf: (sql, texts) => sql`(SELECT value, key + 1 AS position FROM json_each(${JSON.stringify(texts)})) AS listed`,
  hasWritingQueries: false
}

/** PostgreSQL. */
export const postgres: Dialect = {
  now: "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint",
  rowsOf: (sql, texts) =>
    sql`json_array_elements_text(${JSON.stringify(texts)}::json) WITH ORDINALITY AS listed(value, position)`,
  hasWritingQueries: true
}

/** The condition of a run that is kept: one that is silent for its lease and its retention is not, as one that has ended. */
export const isKept = ({ now }: Dialect): string => `COALESCE(kept_until, lease_until + retention) > ${now}`
