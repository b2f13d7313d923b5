/** The engines of durable work: runners, clients that only start and read it, and how often each polls the storage. */
import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as RunnerStorage from "@effect/cluster/RunnerStorage"
import * as Runners from "@effect/cluster/Runners"
import * as Sharding from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { MissingPeerError } from "../../domain/MissingPeerError.js"
import { DurableError } from "./DurableError.js"
import { entriesLayer } from "./entries.js"

/** The services that run and store durable work. */
export type DurableEngine = WorkflowEngine | Sharding.Sharding | MessageStorage.MessageStorage

/** How runners and clients behave. */
export const sharding = {
  // What work is distributed by. A runner that joins makes the others hand shards over one by one, on one connection and
  // in 5 seconds, or they lose the locks of all their shards. With the default of 300, busy machines did.
  shardsPerGroup: 60,
  // The longest wait of work that another process has written, or whose workflow was registered while the storage was
  // read. Each poll is one query.
  entityMessagePollInterval: "1 second",
  // Executions that have ended or wait for an approval are removed from memory after this time.
  entityMaxIdleTime: "10 seconds",
  entityTerminationTimeout: "5 seconds"
} as const

/** The services that an engine of one process provides itself. */
type Local = ShardingConfig.ShardingConfig | RunnerStorage.RunnerStorage | RunnerHealth.RunnerHealth

type Storage<R> = Layer.Layer<MessageStorage.MessageStorage, never, R>

const engineOver = <R>(
  storage: Storage<R>,
  config: Partial<ShardingConfig.ShardingConfig["Type"]>
): Layer.Layer<DurableEngine, never, Exclude<R, Local>> =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(Layer.provide(Sharding.layer, Runners.layerNoop)),
    Layer.provideMerge(storage),
    Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop, ShardingConfig.layer(config)])
  )

/** Runs all work of a storage in this process. */
export const singleRunner = <R>(storage: Storage<R>): Layer.Layer<DurableEngine, never, Exclude<R, Local>> =>
  Layer.provideMerge(entriesLayer, engineOver(storage, { ...sharding, simulateRemoteSerialization: false }))

/** Starts work, reads results and decides approvals, but runs nothing: what it writes waits in the storage for a runner. */
export const client = <R>(storage: Storage<R>): Layer.Layer<DurableEngine, never, Exclude<R, Local>> =>
  engineOver(storage, { ...sharding, runnerAddress: Option.none() })

// The driver's own `clearAddress` does not delete the keys of the work, so the same work could not be started again.
const memoryStorage = Layer.effect(
  MessageStorage.MessageStorage,
  Effect.map(MessageStorage.MemoryDriver, ({ storage, requestsByPrimaryKey }) => ({
    ...storage,
    clearAddress: (address) =>
      Effect.tap(storage.clearAddress(address), () => {
        for (const [key, { envelope }] of requestsByPrimaryKey) {
          const { entityId, entityType } = envelope.address
          if (entityId === address.entityId && entityType === address.entityType) requestsByPrimaryKey.delete(key)
        }
      })
  }))
).pipe(Layer.provide(MessageStorage.MemoryDriver.Default))

/** Keeps work in the memory of this process, for tests: nothing outlives the layer. */
export const memory: Layer.Layer<DurableEngine> = singleRunner(memoryStorage)

/** Loads an optional package. */
export const loadPeer = <A>(
  name: string,
  version: string,
  module: () => Promise<A>
): Effect.Effect<A, MissingPeerError> =>
  Effect.tryPromise({ try: module, catch: () => MissingPeerError.of(name, version) })

/** Fails because a storage cannot be opened. */
export const unavailable =
  (what: string) =>
  (cause: unknown): Effect.Effect<never, DurableError> =>
    Effect.fail(
      new DurableError({
        reason: "Unavailable",
        message: `cannot open ${what}: ${cause instanceof Error ? cause.message : "the reason is unknown"}`
      })
    )

/** Builds the engine of a database. Its drivers report many failures as defects, which are a `DurableError` here. */
export const opening = <A>(what: string, layer: Layer.Layer<A, unknown>): Layer.Layer<A, DurableError> =>
  Layer.scopedContext(
    Layer.build(layer).pipe(Effect.catchAll(unavailable(what)), Effect.catchAllDefect(unavailable(what)))
  )
