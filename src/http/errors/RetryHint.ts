/** Reads whether and when to send a request again from a provider's headers and error body. */
import * as Duration from "effect/Duration"
import { excerptOf } from "../secrets/excerpt.js"

/** What a provider says about a retry. */
export interface RetryHint {
  /** How long to wait before the next request. */
  readonly retryAfter?: Duration.Duration
  /** The header `x-should-retry`: `false` forbids a retry, `true` allows one for an invalid or unclassified request. */
  readonly shouldRetry?: boolean
}

type Headers = { readonly [name: string]: string | undefined }

/**
 * Reads `x-should-retry`, and the wait: the first positive, finite time of `retry-after-ms`, `retry-after` (seconds, or
 * an HTTP date against the response's own `date`), a duration such as Google's `retryDelay`, and the text of the message.
 */
export const read = (headers: Headers, message: string, retryDelay?: string): RetryHint => {
  const millis =
    positive(number(headers["retry-after-ms"])) ??
    positive(fromRetryAfter(headers)) ??
    positive(millisOf(retryDelay ?? "")) ??
    positive(fromMessage(message))
  const shouldRetry = headers["x-should-retry"]?.trim().toLowerCase()
  return {
    ...(millis === undefined ? {} : { retryAfter: Duration.millis(millis) }),
    ...(shouldRetry === "true" || shouldRetry === "false" ? { shouldRetry: shouldRetry === "true" } : {})
  }
}

// A century. A longer time is the server's mistake, and more than a Date or a timer can hold.
const maxMillis = 100 * 365 * 24 * 3_600_000

const positive = (millis: number | undefined): number | undefined =>
  millis !== undefined && millis > 0 && millis < Number.POSITIVE_INFINITY
    ? Math.min(Math.ceil(millis), maxMillis)
    : undefined

// In characters: more than any number, date or duration has.
const maxHintLength = 100

const number = (text: string | undefined): number | undefined =>
  text !== undefined && text.length <= maxHintLength && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined

const fromRetryAfter = (headers: Headers): number | undefined => {
  const text = headers["retry-after"]
  if (text === undefined || text.length > maxHintLength) return undefined
  const seconds = number(text)
  if (seconds !== undefined) return seconds * 1000
  // Relative to the server's clock, because the local clock may differ by more than the wait. Without a `date` the result
  // is NaN, which is ignored.
  return Date.parse(text) - Date.parse(headers["date"] ?? "")
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

// Every repetition is bounded, so that no message takes quadratic time.
const amount = String.raw`\d{1,20}(?:\.\d{1,20})?\s{0,4}(?:ms|milliseconds?|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)(?![a-z])`

const delayPhrase = new RegExp(
  String.raw`\b(?:try again|retry|retrying|wait)\s{1,4}(?:in|after|for)?\s{0,4}((?:${amount}[\s,]{0,4}(?:and\s{1,4})?){1,8})`,
  "i"
)

const fromMessage = (message: string): number | undefined => millisOf(delayPhrase.exec(excerptOf(message))?.[1] ?? "")

/** Milliseconds of a duration such as `6m0.5s`, `114h18m`, `250ms` or `20 seconds`. */
export const millisOf = (text: string): number | undefined => {
  const parts = Array.from(text.slice(0, maxHintLength).matchAll(/(\d{1,20}(?:\.\d{1,20})?)\s{0,4}(ms|mil|[smhd])/gi))
  if (parts.length === 0) return undefined
  return parts.reduce((sum, [, value, unit]) => {
    const name = unit?.toLowerCase() === "mil" ? "ms" : (unit?.toLowerCase() ?? "")
    return sum + Number(value) * (units[name] ?? 0)
  }, 0)
}
