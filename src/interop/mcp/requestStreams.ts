/** Ends requests with their event streams, and event streams with their requests, which the SDK leaves open. */
import type { JSONRPCMessage, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"

/** The code of the error that a request gets whose stream ended without a response. */
export const streamEnded = -32_099

type RequestId = string | number

/** Follows the requests that `transport` sends from now on, when a client is connected to it. */
export const followRequests = (transport: StreamableHTTPClientTransport): void => {
  const open = new Map<RequestId, AbortController>()
  const send = transport.send.bind(transport)
  const receive = transport.onmessage

  const onmessage = (message: JSONRPCMessage): void => {
    if (!("method" in message) && message.id !== undefined) open.delete(message.id)
    receive?.(message)
  }

  transport.onmessage = onmessage
  transport.send = (message, options) => {
    if (Array.isArray(message) || !("method" in message)) return send(message, options)
    if (message.method === "notifications/cancelled") {
      return send(message, options).finally(() => cancel(message.params?.["requestId"]))
    }
    if (!("id" in message)) return send(message, options)
    const { id } = message
    const abort = new AbortController()
    open.set(id, abort)
    // The SDK has first tried to resume the stream, where the server numbers its events.
    const onRequestStreamEnd = () => {
      if (open.has(id)) onmessage({ jsonrpc: "2.0", id, error: { code: streamEnded, message: "The stream ended" } })
    }
    const requestSignal = options?.requestSignal ?? abort.signal
    const sending = send(message, { ...options, requestSignal, onRequestStreamEnd })
    sending.catch(() => open.delete(id))
    return sending
  }

  const cancel = (id: unknown): void => {
    if (typeof id !== "string" && typeof id !== "number") return
    open.get(id)?.abort()
    open.delete(id)
  }
}
