/** The listening side of the Simulator: a real server on loopback that takes its connections down with it. */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BackgroundResponses } from "./BackgroundResponses.js"
import type { SimulatedBatches } from "./batches/SimulatedBatches.js"
import { handlerOf } from "./Handler.js"
import type { Script } from "./Script.js"
import type { SimulatedRequest } from "./SimulatedRequest.js"

/** What the server needs to know. */
export interface ServerOptions {
  /** 0 for any that is free. */
  readonly port: number
  readonly apiKey: string
  readonly pace: Duration.DurationInput
  readonly script: Script
  readonly batches: SimulatedBatches
  readonly remember: (request: SimulatedRequest) => void
}

// Only here, so that importing the library needs neither Node nor the optional peer.
const load = Effect.orDie(
  Effect.tryPromise({
    try: () =>
      Promise.all([
        import("node:http"),
        import("node:zlib"),
        import("@effect/platform-node/NodeHttpServer"),
        import("@effect/platform-node/NodeHttpServerRequest")
      ]),
    catch: (cause) => new Error("the Simulator needs @effect/platform-node; install it beside effect", { cause })
  })
)

/** Serves until the scope closes, and gives the port. */
export const listen = (options: ServerOptions): Effect.Effect<number, never, Scope.Scope> =>
  Effect.gen(function* () {
    const [{ createServer }, { gzipSync }, NodeHttpServer, NodeHttpServerRequest] = yield* load
    const server = createServer()
    const http = yield* NodeHttpServer.make(() => server, { port: options.port, host: "127.0.0.1" }).pipe(
      Effect.mapError(({ cause }) => new Error(`the Simulator cannot listen on port ${options.port}`, { cause })),
      Effect.orDie
    )
    yield* watchConnections(server, options.script)
    const port = http.address._tag === "TcpAddress" ? http.address.port : options.port
    const planContext = { pace: options.pace, otherUrl: `http://localhost:${port}`, gzip: gzipSync }
    const handle = handlerOf({ ...options, background: new BackgroundResponses(), planContext })
    const app: HttpApp.Default = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const incoming = NodeHttpServerRequest.toIncomingMessage(request)
      yield* handle(request, incoming, NodeHttpServerRequest.toServerResponse(request))
      return HttpServerResponse.empty()
    })
    yield* http.serve(app).pipe(
      // A provider's server is no part of the caller's trace, and sockets keep real time whatever a test's clock says.
      HttpMiddleware.withTracerDisabledWhenEffect(() => true),
      Effect.withClock(Clock.make())
    )
    return port
  })

/** Refuses connections when the script says so, and closes those that are left at the end. */
const watchConnections = (server: Server, script: Script): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const sockets = new Set<Socket>()
      server.on("connection", (socket) => {
        if (script.takeRefusal()) return socket.resetAndDestroy()
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
      })
      return sockets
    }),
    (sockets) =>
      Effect.sync(() => {
        for (const socket of sockets) socket.destroy()
      })
  )
