/** A server on loopback that answers as a test tells it, byte by byte, and watches its sockets. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { Effect, type Scope } from "effect"

export interface SeenRequest {
  readonly headers: IncomingMessage["headers"]
  readonly url: string
  readonly body: string
}

export interface TestServer {
  readonly url: string
  readonly requests: ReadonlyArray<SeenRequest>
  /** The sockets that are open now. */
  readonly sockets: ReadonlySet<Socket>
}

export type Handler = (response: ServerResponse, request: SeenRequest, index: number) => void

/** Serves until the scope closes. */
export const serve = (handler: Handler): Effect.Effect<TestServer, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<TestServer & { readonly close: () => void }>((resume) => {
      const requests: Array<SeenRequest> = []
      const sockets = new Set<Socket>()
      const server = createServer((request, response) => {
        const parts: Array<Buffer> = []
        request.on("data", (part: Buffer) => parts.push(part))
        request.on("end", () => {
          const seen = { headers: request.headers, url: request.url ?? "", body: Buffer.concat(parts).toString() }
          handler(response, seen, requests.push(seen) - 1)
        })
      })
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
        socket.on("error", () => {})
      })
      const close = () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ url: `http://127.0.0.1:${port}`, requests, sockets, close }))
      })
    }),
    (server) => Effect.sync(server.close)
  )

/** Answers with a stream of events, given as the bytes of each write. */
export const sse = (response: ServerResponse, ...writes: ReadonlyArray<string | Uint8Array>): ServerResponse => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const write of writes) response.write(write)
  return response
}

/**
 * Resets the connection after a time. The client, which runs in this process, reads what was sent between the timer and the
 * immediate: if it came upon bytes and reset at once, libuv would report a proper end.
 */
export const resetAfter = (response: ServerResponse, millis: number): void => {
  setTimeout(() => setImmediate(() => response.socket?.resetAndDestroy()), millis)
}

/** Answers with JSON. */
export const json = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: { readonly [name: string]: string } = {}
): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(typeof body === "string" ? body : JSON.stringify(body))
}
