/** Fetches responses whose messages are bounded, as the SDK reads each message whole. */

const lineFeed = 10
const carriageReturn = 13

/** Errors a body with more than `limit` bytes in one message: in all, or between the empty lines of an event stream. */
const bounded = (
  limit: number,
  isEventStream: boolean,
  onTooLarge: () => void
): TransformStream<Uint8Array, Uint8Array> => {
  let size = 0
  let lineIsEmpty = false
  const count = (byte: number): void => {
    size++
    if (!isEventStream || byte === carriageReturn) return
    if (byte === lineFeed && lineIsEmpty) size = 0
    lineIsEmpty = byte === lineFeed
  }
  return new TransformStream({
    transform: (bytes, controller) => {
      for (const byte of bytes) {
        count(byte)
        if (size <= limit) continue
        onTooLarge()
        return controller.error(new Error(`a message of the server has more than ${limit} bytes`))
      }
      controller.enqueue(bytes)
    }
  })
}

/** Makes a `fetch` that fails responses with messages of more than `limit` bytes, and reports them. */
export const boundedFetch =
  (limit: number, onTooLarge: () => void) =>
  (url: string | URL, init?: RequestInit): Promise<Response> =>
    fetch(url, init).then((response) => {
      if (response.body === null) return response
      const isEventStream = (response.headers.get("content-type") ?? "").startsWith("text/event-stream")
      const body = response.body.pipeThrough(bounded(limit, isEventStream, onTooLarge))
      const copy = new Response(body, response)
      // A new response has no address, by which the SDK checks redirects.
      Object.defineProperties(copy, { url: { value: response.url }, redirected: { value: response.redirected } })
      return copy
    })
