/** A web chat. Run it with `npm run web-chat` and open the address that it prints; `PORT` is 3000 by default. */
import { createServer } from "node:http"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { answering } from "../support/answering.js"
import { printError } from "../support/terminal.js"
import { app } from "./app.js"
import { runs } from "./store.js"

const server = createServer()

const listening = Layer.unwrapEffect(
  Effect.map(Config.withDefault(Config.port("PORT"), 3000), (port) =>
    // Only on this machine, because everyone who reaches the page can spend the credit of the key.
    NodeHttpServer.layer(() => server, { port, host: "127.0.0.1" })
  )
)

/** Closes open connections on shutdown. Pages read on from the next process, if it has the same store. */
const closing = Layer.scopedDiscard(Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections())))

// Listens last. Otherwise a page that reconnects after a restart would wait for a request that nothing handles yet.
const serving = Effect.map(app, (routes) =>
  HttpServer.serve(routes).pipe(HttpServer.withLogAddress, Layer.merge(closing), Layer.provide(listening))
)

Layer.unwrapEffect(serving).pipe(
  Layer.provide(runs),
  Layer.provide(answering),
  Layer.launch,
  Effect.catchTag("ServeError", () => printError({ message: "The port is taken; choose another with PORT=3001." })),
  Effect.catchAll(printError),
  NodeRuntime.runMain
)
