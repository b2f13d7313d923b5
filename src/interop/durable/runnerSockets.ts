/** Runners that talk to each other over sockets. */
import type * as MessageStorage from "@effect/cluster/MessageStorage"
import type { RunnerAddress } from "@effect/cluster/RunnerAddress"
import * as RunnerHealth from "@effect/cluster/RunnerHealth"
import * as Runners from "@effect/cluster/Runners"
import type { Sharding } from "@effect/cluster/Sharding"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SocketRunner from "@effect/cluster/SocketRunner"
import * as SqlMessageStorage from "@effect/cluster/SqlMessageStorage"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import type * as RpcClient from "@effect/rpc/RpcClient"
import { RpcClientError } from "@effect/rpc/RpcClientError"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import type { SqlClient } from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

type Sockets = Pick<
  typeof import("@effect/platform-node/NodeClusterSocket"),
  "layerClientProtocol" | "layerSocketServer"
>

/**
 * Runs and stores work in a database, in one of several runners. It is the `layer` of `sockets` with two differences: the
 * environment does not change its configuration, and a connection that breaks does no harm.
 */
export const runnerLayer = (
  sockets: Sockets,
  config: Partial<ShardingConfig.ShardingConfig["Type"]>
): Layer.Layer<Sharding | MessageStorage.MessageStorage, unknown, SqlClient> => {
  const protocol = Layer.provide(harmless, sockets.layerClientProtocol)
  const health = Layer.provide(RunnerHealth.layerPing, Layer.provide(Runners.layerRpc, protocol))
  return SocketRunner.layer.pipe(
    Layer.provide([sockets.layerSocketServer, protocol, health]),
    Layer.provideMerge(SqlMessageStorage.layer),
    Layer.provide([SqlRunnerStorage.layer, RpcSerialization.layerMsgPack]),
    Layer.provide(ShardingConfig.layer(config))
  )
}

const harmless = Layer.effect(
  Runners.RpcClientProtocol,
  Effect.map(Runners.RpcClientProtocol, (connect) => (address: RunnerAddress) => Effect.map(connect(address), failing))
)

/**
 * Makes writes fail that the connection of another runner does not take. In `@effect/rpc` 0.76 they die, so a runner that
 * is killed kills each program that starts work in this moment.
 */
export const failing = (protocol: RpcClient.Protocol["Type"]): RpcClient.Protocol["Type"] => ({
  ...protocol,
  send: (request, transferables) =>
    Effect.catchAllDefect(protocol.send(request, transferables), (cause) =>
      Effect.fail(new RpcClientError({ reason: "Protocol", message: "the connection of a runner is broken", cause }))
    )
})
