/** Starts, reads and stops runs of `llm-connectivity/server`, over connections that may break. No Effect: browsers load it. */
import { randomId } from "../domain/randomId.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { ChatStreamError } from "./ChatStreamError.js"
import { EventReader } from "./EventReader.js"
import { connect, errorOf, readBody, rejectionOf } from "./fetchChunks.js"

/** The options of `startRun` and `readRun`, besides those of `fetch`. */
export interface RunInit extends RequestInit {
  /** How long to try again after the server was last reached, in milliseconds; a minute by default. */
  readonly patience?: number | undefined
  /** The first delay before trying again, in milliseconds; 250 by default. It doubles up to 20 times as much. */
  readonly retryDelay?: number | undefined
  /**
   * How long a connection may be silent before a new one is tried, in milliseconds; 45 seconds by default, three times the
   * interval of the server's keep-alives.
   */
  readonly idleTimeout?: number | undefined
}

/** Makes the id of a run: 128 random bits, which nobody can guess. Keep it, to find the run again after a reload. */
export const newRunId: () => string = randomId

/**
 * Starts a run at its URL, which ends in the id that the page has chosen, and reads its chunks. The request is sent once,
 * as POST with the given `body`. If the connection breaks, then or later, the run is read on by GET from where it broke.
 * Leaving the loop or aborting the `signal` stops the reading, and not the run. Throws a `ChatStreamError`.
 */
export function startRun(url: string | URL, init: RunInit = {}): AsyncGenerator<StreamChunk, void, undefined> {
  return follow(url, init, { ...init, method: "POST" })
}

/**
 * Reads a run from its beginning, live until it ends, over as many connections as it takes. A run that is not found is
 * looked for three times again, as its start may be under way. Throws a `ChatStreamError`.
 */
export function readRun(url: string | URL, init: RunInit = {}): AsyncGenerator<StreamChunk, void, undefined> {
  return follow(url, init)
}

/** Stops a run, whichever process of the server it is in. Its readers get a `ChatStreamError` with the reason `Stopped`. */
// Code without Effect uses async functions and exceptions, here and below.
export const stopRun = async (url: string | URL, init: RequestInit = {}): Promise<void> => {
  const headers = new Headers(init.headers)
  headers.set("content-type", "application/json")
  const response = await connect(`${url}/stop`, { ...init, method: "POST", headers, body: "{}" })
  const failure = response instanceof Response && response.ok ? undefined : await failureOf(response, init.signal)
  // See `stopRun`.
  if (failure !== undefined) throw failure
}

// See `stopRun`.
const failureOf = async (response: Response | ChatStreamError, signal: RequestInit["signal"]) =>
  response instanceof ChatStreamError ? response : rejectionOf(response, signal)

// See `stopRun`.
async function* follow(
  url: string | URL,
  init: RunInit,
  post?: RequestInit
): AsyncGenerator<StreamChunk, void, undefined> {
  const { signal } = init
  checkDelays(init)
  const retries = retrying(init, post !== undefined)
  let position: string | undefined
  for (let request = post; ; request = undefined) {
    const watchdog = watchdogOf(init)
    const events = new EventReader()
    let failure: ChatStreamError | undefined
    try {
      const response = await connect(url, { ...(request ?? continued(init, position)), signal: watchdog.signal })
      failure = await failureOf(response, signal)
      if (response instanceof Response && failure === undefined) {
        retries.connected()
        const onRead = (): void => {
          watchdog.reset()
          retries.connected()
        }
        yield* readBody(response, events, { signal }, onRead)
        position = events.position ?? position
        failure = errorOf(events)
      }
    } catch {
      signal?.throwIfAborted()
      failure = new ChatStreamError({ _tag: "NetworkError", reason: "Timeout", message: "the server is silent" })
    } finally {
      watchdog.stop()
    }
    if (failure === undefined) return
    signal?.throwIfAborted()
    await retries.wait(failure, events)
  }
}

// A timer with a longer delay fires at once.
const maxTimerMillis = 2 ** 31 - 1

const checkDelays = (init: RunInit): void => {
  for (const name of ["patience", "retryDelay", "idleTimeout"] as const) {
    const millis = init[name] ?? 0
    const message = `${name} is ${millis}; write milliseconds, 0 or more`
    // See `stopRun`.
    if (!(millis >= 0)) throw new ChatStreamError({ _tag: "ValidationError", message })
  }
}

/** The request that reads on after a position. */
const continued = ({ body: _, headers: given, ...init }: RunInit, position: string | undefined): RequestInit => {
  const headers = new Headers(given)
  headers.delete("content-type")
  if (position !== undefined) headers.set("last-event-id", position)
  return { ...init, method: "GET", headers, cache: "no-store" }
}

/** Aborts a connection that is silent for too long. */
const watchdogOf = ({ idleTimeout = 45_000, signal }: RunInit) => {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  let timer: ReturnType<typeof setTimeout> | undefined
  const reset = (): void => {
    clearTimeout(timer)
    timer = setTimeout(abort, Math.min(idleTimeout, maxTimerMillis))
  }
  const stop = (): void => {
    clearTimeout(timer)
    signal?.removeEventListener("abort", abort)
  }
  signal?.addEventListener("abort", abort)
  if (signal?.aborted) abort()
  reset()
  return { signal: controller.signal, reset, stop }
}

// The request that starts the run may still be under way: that of another tab, of the page before its reload, or one whose
// response was lost.
const maxNotFound = 3

/** Makes what waits between connections, longer after each that failed, and throws the failures that end the reading. */
const retrying = ({ patience = 60_000, retryDelay = 250, signal }: RunInit, isPost: boolean) => {
  let isStarting = isPost
  let failures = 0
  let notFound = 0
  let lastConnected = performance.now()
  let startFailure: ChatStreamError | undefined
  /** Records that a connection exists: when its headers arrive, and with each read, as it may last for hours. */
  const connected = (): void => {
    lastConnected = performance.now()
    isStarting = false
    startFailure = undefined
  }
  /** Waits after a connection that ended with a failure. */
  // See `stopRun`.
  const wait = async (failure: ChatStreamError, events: EventReader): Promise<void> => {
    if (events.count > 0) failures = 0
    const isUncertain = failure.reason === "NotFound" && notFound++ < maxNotFound
    const isTooLate = performance.now() - lastConnected > patience
    // See `stopRun`.
    if (isTooLate || (!isUncertain && !isTemporary(failure, events))) throw startFailure ?? failure
    if (isStarting) startFailure = failure
    isStarting = false
    const longest = retryDelay * Math.min(2 ** failures++, 20)
    // Not all pages at once after a restart of the server; no secret depends on it.
    const delay = Math.max(longest * (0.5 + Math.random() / 2), failure.retryAfter ?? 0)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(delay, patience, maxTimerMillis))
      signal?.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true })
    })
    signal?.throwIfAborted()
  }
  return { connected, wait }
}

/** Whether another connection can help: not if the server has said how the run ended. */
const isTemporary = ({ reason, retryable }: ChatStreamError, { end }: EventReader): boolean =>
  end === undefined ? retryable : end.type === "truncated" || (end.type === "failure" && reason === "Unavailable")
