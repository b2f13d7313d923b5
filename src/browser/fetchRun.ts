/** Starts, reads and stops runs of `llm-connectivity/server`, over connections that may break. No Effect: browsers load it. */
import { randomId } from "../domain/randomId.js"
import type { StreamChunk } from "../domain/StreamChunk.js"
import { ChatStreamError } from "./ChatStreamError.js"
import { EventReader } from "./EventReader.js"
import { connect, errorOf, readBody, rejectionOf } from "./fetchChunks.js"

/** The options of `startRun` and `readRun`, besides those of `fetch`. */
export interface RunInit extends RequestInit {
  /** How long to try again while the server cannot be reached, in milliseconds; a minute by default. */
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
  const retries = new Retries(init, post !== undefined)
  let position: string | undefined
  for (let request = post; ; request = undefined) {
    const watchdog = new Watchdog(init)
    const events = new EventReader()
    let failure: ChatStreamError | undefined
    try {
      const response = await connect(url, { ...(request ?? continued(init, position)), signal: watchdog.signal })
      failure = await failureOf(response, signal)
      if (response instanceof Response && failure === undefined) {
        retries.connected()
        yield* readBody(response, events, { signal }, watchdog.reset)
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

/** The request that reads on after a position. */
const continued = ({ body: _, headers: given, ...init }: RunInit, position: string | undefined): RequestInit => {
  const headers = new Headers(given)
  headers.delete("content-type")
  if (position !== undefined) headers.set("last-event-id", position)
  return { ...init, method: "GET", headers, cache: "no-store" }
}

/** Aborts a connection that is silent for too long. */
class Watchdog {
  private readonly controller = new AbortController()
  private timer: ReturnType<typeof setTimeout> | undefined
  readonly signal = this.controller.signal

  constructor(private readonly init: RunInit) {
    init.signal?.addEventListener("abort", this.abort)
    if (init.signal?.aborted) this.abort()
    this.reset()
  }

  readonly reset = (): void => {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.abort, this.init.idleTimeout ?? 45_000)
  }

  stop(): void {
    clearTimeout(this.timer)
    this.init.signal?.removeEventListener("abort", this.abort)
  }

  private readonly abort = (): void => this.controller.abort()
}

// The request that starts the run may still be under way: that of another tab, of the page before its reload, or one whose
// response was lost.
const maxNotFound = 3

/** Waits between connections, longer after each that failed, and throws the failures that end the reading. */
class Retries {
  private failures = 0
  private notFound = 0
  private lastSuccess = performance.now()
  private startFailure: ChatStreamError | undefined

  constructor(
    private readonly init: RunInit,
    private isStarting: boolean
  ) {}

  connected(): void {
    this.lastSuccess = performance.now()
    this.isStarting = false
    this.startFailure = undefined
  }

  /** Waits after a connection that ended with a failure. */
  // See `stopRun`.
  async wait(failure: ChatStreamError, events: EventReader): Promise<void> {
    const { patience = 60_000, retryDelay = 250, signal } = this.init
    if (events.count > 0) this.failures = 0
    const isUncertain = failure.reason === "NotFound" && this.notFound++ < maxNotFound
    const isTooLate = performance.now() - this.lastSuccess > patience
    // See `stopRun`.
    if (isTooLate || (!isUncertain && !isTemporary(failure, events))) throw this.startFailure ?? failure
    if (this.isStarting) this.startFailure = failure
    this.isStarting = false
    const longest = retryDelay * Math.min(2 ** this.failures++, 20)
    // Not all pages at once after a restart of the server; no secret depends on it.
    const delay = Math.max(longest * (0.5 + Math.random() / 2), failure.retryAfter ?? 0)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(delay, patience))
      signal?.addEventListener("abort", () => resolve(clearTimeout(timer)), { once: true })
    })
    signal?.throwIfAborted()
  }
}

/** Whether another connection can help: not if the server has said how the run ended. */
const isTemporary = ({ reason, retryable }: ChatStreamError, { end }: EventReader): boolean =>
  end === undefined ? retryable : end.type === "truncated" || (end.type === "failure" && reason === "Unavailable")
