/** One process of a service with runs: serves them over HTTP from the store of its first argument, and prints its port. */
import { createServer } from "node:http"
import { FetchHttpClient, HttpRouter, HttpServer } from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { Effect, Layer, Logger, Redacted, Schema } from "effect"
import { LLMClient } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { Runs } from "llm-connectivity/runs"
import { runRoutes } from "llm-connectivity/server"
import { Sql } from "llm-connectivity/sql"

const [store = "", leaseMillis = "10000"] = process.argv.slice(2)

const storeAt = (address: string) => {
  if (address.startsWith("redis:")) return Layer.orDie(Redis.runStore({ url: address }))
  const database = address.startsWith("postgres:")
    ? Layer.orDie(PgClient.layer({ url: Redacted.make(address) }))
    : Layer.orDie(SqliteClient.layer({ filename: address }))
  return Layer.orDie(Layer.provide(Sql.runStore, database))
}

const runs = Runs.layer({ lease: Number(leaseMillis), grace: "500 millis" }).pipe(Layer.provide(storeAt(store)))

const routes = runRoutes({
  authorize: () => Effect.succeed("ada"),
  request: Schema.Struct({ question: Schema.String }),
  answer: ({ question }) => LLMClient.chatStream({ messages: [{ role: "user", content: question }] }, { policies: [] })
})

const server = createServer()

const printing = HttpServer.addressWith((address) =>
  Effect.sync(() => process.stdout.write(`${address._tag === "TcpAddress" ? address.port : 0}\n`))
)

// Readers keep their connections open.
const closing = Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))

HttpServer.serve(HttpRouter.empty.pipe(HttpRouter.concat(routes))).pipe(
  Layer.merge(closing),
  Layer.merge(Layer.scopedDiscard(printing)),
  Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
  Layer.provide(runs),
  Layer.provide(LLMClient.layer({ model: "anthropic/claude-sonnet-4-5" })),
  Layer.provide(FetchHttpClient.layer),
  // Standard output has only the port.
  Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none)),
  Layer.launch,
  NodeRuntime.runMain
)
