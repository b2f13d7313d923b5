/** Stands between clients and servers, and cuts their connections. */
import { connect, createServer, type Socket } from "node:net"
import { Effect, type Scope } from "effect"

/** A proxy that runs. */
export interface CuttableProxy {
  readonly port: number
  /** Resets all connections, with what is under way in them; gives their number. New ones are accepted at once. */
  readonly cut: () => number
}

/** Starts a proxy of servers on loopback. Connections go to them in turns. */
export const cuttableProxy = (...ports: ReadonlyArray<number>): Effect.Effect<CuttableProxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clients = new Set<Socket>()
    let accepted = 0
    const cut = () => {
      const count = clients.size
      for (const client of clients) client.resetAndDestroy()
      return count
    }
    const server = createServer((client) => {
      const upstream = connect(ports[accepted++ % ports.length] ?? 0, "127.0.0.1")
      clients.add(client)
      client.pipe(upstream).pipe(client)
      client
        .on("error", () => {})
        .on("close", () => {
          clients.delete(client)
          upstream.destroy()
        })
      upstream.on("error", () => {}).on("close", () => client.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.async<void>((resume) => {
          server.close(() => resume(Effect.void))
          cut()
        })
    )
    const address = server.address()
    return { port: typeof address === "object" && address !== null ? address.port : 0, cut }
  })
