/** The gateway as shipped: default policy and timeouts, every event validated, over the HTTP client that is named. */
import { createServer } from "node:http"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Anthropic, LLMClient } from "../../dist/index.js"
import { Gateway, openAIRoutes } from "../../dist/server/index.js"
import { reportCpu } from "./cpu.mjs"

const [origin, model, client] = process.argv.slice(2)

const http =
  client === "undici"
    ? (await import("@effect/platform-node/NodeHttpClient")).layerUndici
    : (await import("@effect/platform/FetchHttpClient")).layer

const models = {
  [model]: LLMClient.fromProvider(Anthropic, { model }).pipe(
    Layer.provide(Anthropic.layer({ apiKey: "key", baseUrl: origin })),
    Layer.provide(http)
  )
}

const program = Effect.gen(function* () {
  const limits = { concurrency: 10_000, requestsPerMinute: 1_000_000 }
  yield* HttpServer.serveEffect(yield* openAIRoutes({ models, authorize: Gateway.allowAnyone, limits }))
  yield* HttpServer.addressFormattedWith((address) => Effect.sync(() => reportCpu(address)))
  yield* Effect.never
})

const server = () => createServer()
Effect.runFork(
  program.pipe(
    Effect.scoped,
    Effect.provide(NodeHttpServer.layer(server, { port: 0, host: "127.0.0.1", backlog: 2048 }))
  )
)
