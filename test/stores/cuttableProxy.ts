/** Stands between a client and a server, and cuts their connections. */
import { connect, createServer, type Socket } from "node:net"
import { Effect, type Scope } from "effect"

/** A proxy that runs. */
export interface CuttableProxy {
  readonly url: string
  /** Resets all connections, with what is under way in them; gives their number. New ones are accepted at once. */
  readonly cut: () => number
}

/** Starts a proxy of a Redis server. */
export const cuttableProxy = (port: number): Effect.Effect<CuttableProxy, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clients = new Set<Socket>()
    const cut = () => {
      const count = clients.size
      for (const client of clients) client.resetAndDestroy()
      return count
    }
    const server = createServer((client) => {
      const upstream = connect(port, "127.0.0.1")
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
    return { url: `redis://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, cut }
  })
