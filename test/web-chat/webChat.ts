/** The web chat in front of the Simulator. */
import { createServer } from "node:http"
import { FetchHttpClient, HttpServer } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { LLMClient } from "llm-connectivity"
import { RunStore, Runs } from "llm-connectivity/runs"
import { type ClosedRequest, type SimulatedReply, type SimulatedRequest, Simulator } from "llm-connectivity/testing"
import { ApprovalStore, Approvals } from "llm-connectivity/tools"
import { app } from "../../examples/web-chat/app.js"

const layer = () => {
  const server = createServer()
  const client = LLMClient.layer({ model: "openai/gpt-4o-mini" }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provideMerge(Simulator.layerConfig({ pace: 0 }))
  )
  // Pages keep their connections open.
  const closing = Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))
  return Layer.unwrapEffect(Effect.map(app, (routes) => HttpServer.serve(routes))).pipe(
    Layer.merge(closing),
    Layer.provideMerge(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })),
    Layer.provide(Layer.provide(Runs.layer({ grace: 0 }), RunStore.memory)),
    Layer.provide(Approvals.layer({ secret: Redacted.make("s".repeat(32)), store: ApprovalStore.memory })),
    Layer.provideMerge(client)
  )
}

export interface WebChat {
  readonly url: string
  /** Adds what the provider replies next. */
  readonly script: (...replies: ReadonlyArray<SimulatedReply | string>) => Promise<void>
  /** What the provider was asked. */
  readonly requests: () => Promise<ReadonlyArray<SimulatedRequest>>
  /** How the provider saw its last request end. */
  readonly closed: () => Promise<ClosedRequest>
  readonly close: () => Promise<void>
}

export const serveWebChat = async (): Promise<WebChat> => {
  const runtime = ManagedRuntime.make(layer())
  const url = await runtime.runPromise(
    HttpServer.addressWith((address) =>
      Effect.succeed(address._tag === "TcpAddress" ? `http://127.0.0.1:${address.port}` : address.path)
    )
  )
  const requests = () => runtime.runPromise(Simulator.requests)
  return {
    url,
    requests,
    script: (...replies) => runtime.runPromise(Simulator.script(...replies)),
    closed: async () => Effect.runPromise((await requests()).at(-1)?.closed ?? Effect.die("nothing was asked")),
    close: () => runtime.dispose()
  }
}
