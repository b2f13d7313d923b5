/** Where durable work is stored: a SQLite file of one process, or PostgreSQL for several. */
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as Reactivity from "@effect/experimental/Reactivity"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import { client, type DurableEngine, loadPeer, opening, singleRunner, unavailable } from "./DurableEngine.js"
import type { DurableError } from "./DurableError.js"
import { holdLock } from "./fileLock.js"
import { checkRetention, type RetentionOptions, withRetention } from "./retention.js"

export { type DurableEngine, memory } from "./DurableEngine.js"
export { type PostgresOptions, postgres, postgresClient } from "./postgres.js"
export type { RetentionOptions } from "./retention.js"

const sqliteClients = loadPeer("@effect/sql-sqlite-node", "0.53", () => import("@effect/sql-sqlite-node/SqliteClient"))

/**
 * Runs durable work, and stores it in a SQLite file, in one process at a time. A second process that opens the file
 * fails with a `DurableError` (`Locked`); a process that was killed leaves no lock behind. The lock is held in
 * `<path>.lock`. Needs `@effect/sql-sqlite-node`.
 *
 * ```ts
 * Durable.sqlite("work.db", { retention: "90 days" })
 * ```
 */
export const sqlite = (
  path: string,
  options: RetentionOptions = {}
): Layer.Layer<DurableEngine, DurableError | MissingPeerError | ValidationError> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      yield* checkRetention(options)
      const { make, layer } = yield* sqliteClients
      yield* holdLock(path, make({ filename: `${path}.lock`, disableWAL: true }))
      // The lock makes this process the only runner, so no record of runners has to expire after a kill.
      const engine = withRetention(singleRunner(SqlMessageStorage.layer), options)
      return opening(path, Layer.provide(engine, layer({ filename: path })))
    }).pipe(Effect.catchAllDefect(unavailable(path)), Effect.provide(Reactivity.layer))
  )

/**
 * Starts work in the SQLite file of another process, reads its results and decides about its approvals, but runs
 * nothing: the process with `Durable.sqlite` does, within about a second.
 *
 * ```ts
 * Durable.sqliteClient("work.db")
 * ```
 */
export const sqliteClient = (path: string): Layer.Layer<DurableEngine, DurableError | MissingPeerError> =>
  Layer.unwrapEffect(
    Effect.map(sqliteClients, ({ layer }) =>
      opening(path, Layer.provide(client(SqlMessageStorage.layer), layer({ filename: path })))
    )
  )
