/** The timeouts of a call. */
import type * as Duration from "effect/Duration"
import { durationProblem, millisOf, type OptionProblem } from "../domain/durationProblem.js"

/**
 * The four timeouts of one attempt of a call, which retries start anew; `Infinity` disables one. By default, a response
 * that is not streamed has only the total; of the others, it has those that are set. The same applies to a stream that
 * the provider answers with one JSON, from its headers on. They run only while the library waits for the provider, not
 * while the consumer processes a chunk; the total also while the library decodes. An expired timeout is a
 * `NetworkError` with reason `Timeout`.
 */
export interface Timeouts {
  /** From sending the request to the response's headers; 60 seconds by default, disabled for what is not streamed. */
  readonly headers?: Duration.DurationInput | undefined
  /**
   * From sending the request to the first content, reasoning or tool call, which is the end of a response that is not
   * streamed; 120 seconds by default, disabled for what is not streamed.
   */
  readonly firstContent?: Duration.DurationInput | undefined
  /** Between two reads, keep-alives included; 60 seconds by default, disabled for what is not streamed. */
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

const never = Number.POSITIVE_INFINITY

const streamDefaults: TimeoutMillis = { headers: 60_000, firstContent: 120_000, idle: 60_000, total: never }

// Servers send the headers of a whole response when they have all of it, after minutes of reasoning.
const wholeDefaults: TimeoutMillis = { headers: never, firstContent: never, idle: never, total: 600_000 }

/** Says which timeout is no duration. */
export const timeoutsProblem = ({ headers = 0, firstContent = 0, idle = 0, total = 0 }: Timeouts): OptionProblem =>
  durationProblem("timeouts.headers", headers) ??
  durationProblem("timeouts.firstContent", firstContent) ??
  durationProblem("timeouts.idle", idle) ??
  durationProblem("timeouts.total", total)

/** Fills in the defaults of a response that is read as it arrives, or of one that is read as a whole. */
export const timeoutMillis = (timeouts: Timeouts, isStream: boolean): TimeoutMillis => {
  // Milliseconds, because every request reads them, and a text takes a microsecond.
  const defaults = isStream ? streamDefaults : wholeDefaults
  return {
    headers: millisOf(timeouts.headers ?? defaults.headers),
    firstContent: millisOf(timeouts.firstContent ?? defaults.firstContent),
    idle: millisOf(timeouts.idle ?? defaults.idle),
    total: millisOf(timeouts.total ?? defaults.total)
  }
}

/** Overrides timeouts one by one. */
export const merge = (base: Timeouts | undefined, over: Timeouts | undefined): Timeouts => ({
  headers: over?.headers ?? base?.headers,
  firstContent: over?.firstContent ?? base?.firstContent,
  idle: over?.idle ?? base?.idle,
  total: over?.total ?? base?.total
})
