/** Reads an answer that `llm-connectivity/server` sends, in a browser or wherever there is `fetch`; without Effect. */
import type { StreamChunk } from "../domain/StreamChunk.js"
import { mediaType } from "../http/EventFormat.js"
import { parseJson } from "../http/Json.js"
import { ChatStreamError, errorFrom, errorOfStatus } from "./ChatStreamError.js"
import { AnswerEvents } from "./EventReader.js"

/** How an answer is read. */
export interface ReadOptions {
  /** Stops reading and closes the connection; the loop gets the signal's reason, as from `fetch`. */
  readonly signal?: AbortSignal | null | undefined
}

/**
 * Asks with `fetch`, whose arguments it takes, and reads the chunks of the answer as they arrive. Leaving the loop or
 * aborting the `signal` closes the connection, which interrupts the server's stream. Throws a `ChatStreamError` where
 * the answer is not complete: refused, failed, or broken off.
 */
// A page without Effect knows streams as async generators and failures as exceptions; so below.
export async function* fetchChunks(
  input: string | URL | Request,
  init?: RequestInit
): AsyncGenerator<StreamChunk, void, undefined> {
  const signal = init?.signal
  const response = await fetch(input, init).catch((cause: unknown) => {
    signal?.throwIfAborted()
    return new ChatStreamError(
      { _tag: "NetworkError", reason: "Connection", message: "the server cannot be reached" },
      { cause }
    )
  })
  // As above.
  if (response instanceof ChatStreamError) throw response
  yield* readChunks(response, { signal })
}

/** Reads the chunks of a response as they arrive; ends and fails as `fetchChunks` does. */
// As above.
export async function* readChunks(
  response: Response,
  { signal }: ReadOptions = {}
): AsyncGenerator<StreamChunk, void, undefined> {
  const refusal = await refusalOf(response, signal)
  // As above.
  if (refusal !== undefined) throw refusal
  const body = response.body?.getReader()
  const leave = () => cancel(body)
  // The response may have been fetched without the signal.
  signal?.addEventListener("abort", leave)
  const events = new AnswerEvents()
  try {
    while (events.end === undefined) {
      signal?.throwIfAborted()
      for (const chunk of await next(body, events)) {
        // What had arrived before the abort is not shown after it.
        signal?.throwIfAborted()
        yield chunk
      }
    }
  } finally {
    signal?.removeEventListener("abort", leave)
    // Read to the very end, an answer leaves its connection to the next one.
    if (events.end?.type === "done") void body?.read().then(leave, leave)
    else leave()
  }
  const failure = errorOf(events)
  if (failure !== undefined) signal?.throwIfAborted()
  // As above.
  if (failure !== undefined) throw failure
}

type Body = ReadableStreamDefaultReader<Uint8Array> | undefined

const cancel = (body: Body | ReadableStream | null): void => void body?.cancel().catch(() => {})

// As above.
const next = async (body: Body, events: AnswerEvents): Promise<ReadonlyArray<StreamChunk>> => {
  try {
    const read = await body?.read()
    return read?.value === undefined ? events.cut() : events.push(read.value)
  } catch (cause) {
    return events.cut(cause)
  }
}

/** Says why a response is no answer, which the server's JSON tells best. */
// As above.
const refusalOf = async (response: Response, signal: ReadOptions["signal"]): Promise<ChatStreamError | undefined> => {
  const type = response.headers.get("content-type") ?? ""
  if (response.ok && type.startsWith(mediaType)) return undefined
  const text = type.includes("json") ? await response.text().catch(() => "") : ""
  signal?.throwIfAborted()
  if (!response.bodyUsed) cancel(response.body)
  return errorFrom(parseJson(text)) ?? errorOfStatus(response)
}

const errorOf = ({ end, count }: AnswerEvents): ChatStreamError | undefined => {
  switch (end?.type) {
    case "failure":
      return errorFrom(end.json) ?? malformed("an error event does not say what failed")
    case "malformed":
      return malformed(end.what)
    case "cut":
      return new ChatStreamError({ ...brokenOff, message: `the answer broke off after ${count} chunks` }, end)
    default:
      return undefined
  }
}

const malformed = (what: string): ChatStreamError =>
  new ChatStreamError({ _tag: "ProviderError", message: `the answer cannot be read: ${what}` })

const brokenOff = { _tag: "NetworkError", reason: "Truncated" } as const
