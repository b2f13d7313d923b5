/** A service with runs, in several processes over one store, in front of a Simulator. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Effect, Layer, type Scope } from "effect"
import { type SimulatedScript, Simulator } from "llm-connectivity/testing"
import { postgresServer } from "../postgresServer.js"
import { compile, type Runner, runner } from "../processes.js"
import { redisServer } from "../redisServer.js"

/** A process of the service. */
export interface ServiceProcess extends Runner {
  readonly port: number
  /** Where its runs are. */
  readonly url: string
}

/** Where runs are stored, by the first argument of a process. */
export const stores: { readonly [name: string]: Effect.Effect<string, never, Scope.Scope> } = {
  Redis: Effect.map(redisServer, ({ url }) => url),
  SQLite: Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), "llm-runs-"))),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true }))
  ).pipe(
    Effect.map((folder) => join(folder, "runs.db")),
    // Of two processes that create the same file at once, the driver lets one fail: docs/production.md.
    Effect.tap((filename) => Effect.scoped(Layer.build(Layer.orDie(SqliteClient.layer({ filename })))))
  ),
  PostgreSQL: Effect.map(postgresServer, ({ url }) => url)
}

/** Compiles the program of the service, and gives what starts processes of it. */
export const service = () => {
  const program = compile(new URL("server.ts", import.meta.url))
  return (store: string, leaseMillis = 10_000): Effect.Effect<ServiceProcess, never, Scope.Scope | Simulator> =>
    Effect.gen(function* () {
      const { environment } = yield* Simulator
      const started = yield* runner(program, environment, store, String(leaseMillis))
      yield* Effect.promise(() => started.until((lines) => lines.length > 0))
      const port = Number(started.lines[0])
      return { ...started, port, url: `http://127.0.0.1:${port}/runs` }
    })
}

/** Runs a test in front of a Simulator. */
export const withProvider = (script: SimulatedScript) => Effect.provide(Simulator.layer({ script }))
