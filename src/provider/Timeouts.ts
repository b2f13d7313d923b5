/** The timeouts of a call. */
import * as Duration from "effect/Duration"

/**
 * The four timeouts of one attempt of a call, which retries start anew; `Infinity` disables one. They run only while the library waits for the provider, not
 * while the consumer processes a chunk; the total also while the library decodes. An expired timeout is a `NetworkError` with reason `Timeout`.
 */
export interface Timeouts {
  /** From sending a streamed request to the response's headers; 60 seconds by default. */
  readonly headers?: Duration.DurationInput | undefined
  /** From sending a streamed request to the first content, reasoning or tool call; 120 seconds by default. */
  readonly firstContent?: Duration.DurationInput | undefined
  /** Between two reads of a stream, keep-alives included; 60 seconds by default. */
  readonly idle?: Duration.DurationInput | undefined
  /** From sending the request to the end of the response; 10 minutes by default, disabled for streams. */
  readonly total?: Duration.DurationInput | undefined
}

/** The timeouts in milliseconds. */
export interface TimeoutMillis {
  readonly headers: number
  readonly firstContent: number
  readonly idle: number
  readonly total: number
}

/** Fills in the defaults. */
export const timeoutMillis = (timeouts: Timeouts | undefined, isStream: boolean): TimeoutMillis => ({
  headers: Duration.toMillis(timeouts?.headers ?? "60 seconds"),
  firstContent: Duration.toMillis(timeouts?.firstContent ?? "120 seconds"),
  idle: Duration.toMillis(timeouts?.idle ?? "60 seconds"),
  total: Duration.toMillis(timeouts?.total ?? (isStream ? Number.POSITIVE_INFINITY : "10 minutes"))
})

/** Overrides timeouts one by one. */
export const merge = (base: Timeouts | undefined, over: Timeouts | undefined): Timeouts => ({
  headers: over?.headers ?? base?.headers,
  firstContent: over?.firstContent ?? base?.firstContent,
  idle: over?.idle ?? base?.idle,
  total: over?.total ?? base?.total
})
