/** A server of Node that does not wait for its clients. */
import { createServer, type Server } from "node:http"

/**
 * A server that closes every connection when it closes. Others wait 4 seconds for a client of Node's `fetch`: after a
 * request was aborted, it opens a connection for the next one and keeps it.
 */
export const closingServer = (): Server => {
  const server = createServer()
  const close = server.close.bind(server)
  return Object.assign(server, {
    close: (onClosed: () => void) => {
      close(onClosed)
      server.closeAllConnections()
    }
  })
}
