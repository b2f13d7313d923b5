/** Reads a response of `llm-connectivity/server`, in a browser or wherever `fetch` exists. No Effect: browsers load it. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import { mediaType } from "../http/framing/EventFormat.js"
import { parseJson } from "../http/Json.js"
import { ChatStreamError, errorFrom, errorOfStatus } from "./ChatStreamError.js"
import { EventReader } from "./EventReader.js"

/** The options of `readChunks`. */
export interface ReadOptions {
  /** Stops reading and closes the connection; the loop throws the signal's reason, as `fetch` does. */
  readonly signal?: AbortSignal | null | undefined
}

/**
 * Calls `fetch` with the same arguments, and reads the chunks of the response as they arrive. Leaving the loop or aborting
 * the `signal` closes the connection, which interrupts the server's stream. Throws a `ChatStreamError` if the response is
 * an error, fails or is truncated.
 */
// Code without Effect uses async generators and exceptions, here and below.
export async function* fetchChunks(
  input: string | URL | Request,
  init?: RequestInit
): AsyncGenerator<StreamChunk, void, undefined> {
  const signal = init?.signal
  const response = await connect(input, init)
  // See `fetchChunks`.
  if (response instanceof ChatStreamError) throw response
  yield* readChunks(response, { signal })
}

/** Calls `fetch`, and gives the error of a connection that fails. */
// See `fetchChunks`.
export const connect = async (
  input: string | URL | Request,
  init?: RequestInit
): Promise<Response | ChatStreamError> => {
  try {
    return await fetch(input, init)
  } catch (cause) {
    init?.signal?.throwIfAborted()
    const message = "could not connect to the server"
    return new ChatStreamError({ _tag: "NetworkError", reason: "Connection", message }, { cause })
  }
}

/** Reads the chunks of a response as they arrive. Ends and fails as `fetchChunks` does. */
// See `fetchChunks`.
export async function* readChunks(
  response: Response,
  { signal }: ReadOptions = {}
): AsyncGenerator<StreamChunk, void, undefined> {
  const rejection = await rejectionOf(response, signal)
  // See `fetchChunks`.
  if (rejection !== undefined) throw rejection
  const events = new EventReader()
  yield* readBody(response, events, { signal })
  const failure = errorOf(events)
  if (failure !== undefined) signal?.throwIfAborted()
  // See `fetchChunks`.
  if (failure !== undefined) throw failure
}

/** Reads the chunks of a body until `events` knows its end; throws only if the signal aborts. */
// See `fetchChunks`.
export async function* readBody(
  response: Response,
  events: EventReader,
  { signal }: ReadOptions,
  onRead?: () => void
): AsyncGenerator<StreamChunk, void, undefined> {
  const body = response.body?.getReader()
  const close = () => cancel(body)
  // The response may have been fetched without the signal.
  signal?.addEventListener("abort", close)
  try {
    while (events.end === undefined) {
      signal?.throwIfAborted()
      const chunks = await next(body, events)
      onRead?.()
      for (const chunk of chunks) {
        // Chunks that arrived before the abort are not given after it.
        signal?.throwIfAborted()
        yield chunk
      }
    }
  } finally {
    signal?.removeEventListener("abort", close)
    // Reading to the end of the body lets the browser reuse the connection.
    if (events.end?.type === "done") void body?.read().then(close, close)
    else close()
  }
}

type Body = ReadableStreamDefaultReader<Uint8Array> | undefined

const cancel = (body: Body | ReadableStream | null): void => void body?.cancel().catch(() => {})

// See `fetchChunks`.
const next = async (body: Body, events: EventReader): Promise<ReadonlyArray<StreamChunk>> => {
  try {
    const read = await body?.read()
    return read?.value === undefined ? events.disconnected() : events.push(read.value)
  } catch (cause) {
    return events.disconnected(cause)
  }
}

/** Gives the error of a response that is not an event stream, by its JSON or else by its status. */
// See `fetchChunks`.
export const rejectionOf = async (
  response: Response,
  signal: ReadOptions["signal"]
): Promise<ChatStreamError | undefined> => {
  const type = response.headers.get("content-type") ?? ""
  if (response.ok && type.startsWith(mediaType)) return undefined
  const text = type.includes("json") ? await response.text().catch(() => "") : ""
  signal?.throwIfAborted()
  if (!response.bodyUsed) cancel(response.body)
  return errorFrom(parseJson(text)) ?? errorOfStatus(response)
}

/** The error of a response that was read; `undefined` if it is complete. */
export const errorOf = ({ end, count }: EventReader): ChatStreamError | undefined => {
  switch (end?.type) {
    case "failure":
      return errorFrom(end.json) ?? malformed("an error event has no valid error")
    case "malformed":
      return malformed(end.problem)
    case "truncated":
      return new ChatStreamError(
        { _tag: "NetworkError", reason: "Truncated", message: `the response was truncated after ${count} chunks` },
        end
      )
    default:
      return undefined
  }
}

const malformed = (problem: string): ChatStreamError =>
  new ChatStreamError({ _tag: "ProviderError", message: `could not read the response: ${problem}` })
