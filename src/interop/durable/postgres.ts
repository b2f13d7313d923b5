/** Durable work in PostgreSQL, for several runners. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { checkOptions, portProblem } from "../../domain/checkOptions.js"
import type { ValidationError } from "../../domain/LLMError.js"
import type { MissingPeerError } from "../../domain/MissingPeerError.js"
import { client, type DurableEngine, loadPeer, opening, sharding } from "./DurableEngine.js"
import type { DurableError } from "./DurableError.js"
import { entriesLayer } from "./entries.js"
import { oneAtATime } from "./openingLock.js"
import { checkRetention, type RetentionOptions, withRetention } from "./retention.js"
import { runnerLayer } from "./runnerSockets.js"

/** The options of `Durable.postgres`. */
export interface PostgresOptions extends RetentionOptions {
  /** The URL of the database, such as `postgres://user:password@db.internal/work`. */
  readonly url: Redacted.Redacted<string>
  /** The host by which the other runners reach this one; `localhost` by default. */
  readonly host?: string | undefined
  /** The port by which the other runners reach this one; each runner of a host needs its own. 34431 by default. */
  readonly port?: number | undefined
}

const pgClients = loadPeer("@effect/sql-pg", "0.53", () => import("@effect/sql-pg/PgClient"))

const clusterSockets = loadPeer(
  "@effect/platform-node",
  "0.108",
  () => import("@effect/platform-node/NodeClusterSocket")
)

const takeover = {
  // One runner checks the others at this interval, and gives up on one after 2.5 seconds of refused connections. If it
  // is killed itself, the others notice when its record expires. Each looks for that every second.
  runnerHealthCheckInterval: "5 seconds",
  shardLockRefreshInterval: "5 seconds",
  shardLockExpiration: "15 seconds",
  refreshAssignmentsInterval: "1 second"
} as const

/**
 * Runs durable work that several runners share, and stores it in PostgreSQL. Experimental: after a runner is killed,
 * its work waits up to 20 seconds for another one, and lost wake-ups of `@effect/cluster` (Effect #6248) can delay
 * work. Runners talk to each other without authentication, so their ports belong in a private network. Needs
 * `@effect/sql-pg` and `@effect/platform-node`.
 *
 * ```ts
 * Durable.postgres({ url: Redacted.make("postgres://db.internal/work"), host: "10.0.0.7" })
 * ```
 */
export const postgres = ({
  url,
  host = "localhost",
  port = 34431,
  ...options
}: PostgresOptions): Layer.Layer<DurableEngine, DurableError | MissingPeerError | ValidationError> =>
  Layer.unwrapEffect(
    Effect.map(Effect.all([pgClients, clusterSockets, checkPort(port), checkRetention(options)]), ([pg, sockets]) => {
      const runner = runnerLayer(sockets, {
        ...sharding,
        ...takeover,
        runnerAddress: Option.some(RunnerAddress.make(host, port))
      })
      const engine = withRetention(
        entriesLayer.pipe(Layer.provideMerge(ClusterWorkflowEngine.layer), Layer.provideMerge(runner)),
        options
      )
      return opening("PostgreSQL", Layer.provide(oneAtATime(engine), pg.layer({ url })))
    })
  )

/**
 * Starts work in PostgreSQL, reads its results and decides about its approvals, but runs nothing: processes with
 * `Durable.postgres` do, within about a second.
 *
 * ```ts
 * Durable.postgresClient({ url: Redacted.make("postgres://db.internal/work") })
 * ```
 */
export const postgresClient = ({
  url
}: Pick<PostgresOptions, "url">): Layer.Layer<DurableEngine, DurableError | MissingPeerError> =>
  Layer.unwrapEffect(
    Effect.map(pgClients, (pg) =>
      opening("PostgreSQL", Layer.provide(oneAtATime(client(SqlMessageStorage.layer)), pg.layer({ url })))
    )
  )

const checkPort = (port: number) => checkOptions("Durable.postgres", [portProblem("port", port, 1)])
