/** Where durable work is stored: a SQLite file of one process, or PostgreSQL for several. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import type { MessageStorage } from "@effect/cluster/MessageStorage"
import type { Sharding } from "@effect/cluster/Sharding"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import * as Reactivity from "@effect/experimental/Reactivity"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import { Effect, Layer } from "effect"
import { MissingPeerError } from "../../domain/MissingPeerError.js"
import { DurableError } from "./DurableError.js"
import { holdLock } from "./fileLock.js"

/** What runs durable work. */
export type DurableEngine = WorkflowEngine | Sharding | MessageStorage

const load = <A>(name: string, version: string, module: () => Promise<A>): Effect.Effect<A, MissingPeerError> =>
  Effect.tryPromise({ try: module, catch: () => MissingPeerError.of(name, version) })

const unavailable = (what: string) => (cause: unknown) =>
  new DurableError({
    reason: "Unavailable",
    message: `cannot open ${what}: ${cause instanceof Error ? cause.message : "the reason is unknown"}`
  })

/**
 * Stores durable work in a SQLite file, for one process. A second process that opens the file fails with a
 * `DurableError` (`Locked`); a process that was killed leaves no lock behind. The lock is held in `<path>.lock`. Needs
 * `@effect/sql-sqlite-node`.
 *
 * ```ts
 * Durable.sqlite("work.db")
 * ```
 */
export const sqlite = (path: string): Layer.Layer<DurableEngine, DurableError | MissingPeerError> =>
  Layer.unwrapScoped(
    Effect.gen(function* () {
      const { make, layer } = yield* load(
        "@effect/sql-sqlite-node",
        "0.53",
        () => import("@effect/sql-sqlite-node/SqliteClient")
      )
      yield* holdLock(path, make({ filename: `${path}.lock`, disableWAL: true }))
      return ClusterWorkflowEngine.layer.pipe(
        // The lock makes this process the only runner, so no record of runners has to expire after a kill.
        Layer.provideMerge(SingleRunner.layer({ runnerStorage: "memory", shardingConfig: single })),
        Layer.provide(layer({ filename: path })),
        Layer.mapError(unavailable(path))
      )
    }).pipe(
      Effect.catchAllDefect((cause) => Effect.fail(unavailable(path)(cause))),
      Effect.provide(Reactivity.layer)
    )
  )

const single = {
  simulateRemoteSerialization: false,
  entityTerminationTimeout: "5 seconds",
  // Also how long work waits whose workflow was registered while the storage was read. One query each time.
  entityMessagePollInterval: "1 second"
} as const
