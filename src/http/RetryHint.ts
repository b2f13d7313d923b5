/** When and whether a provider wants to be asked again, read from every place where one says it. */
import { Duration } from "effect"

/** What a provider said of trying again. */
export interface RetryHint {
  readonly retryAfter?: Duration.Duration
  /** The provider's explicit word, which wins over what the status suggests. */
  readonly shouldRetry?: boolean
}

type Headers = { readonly [name: string]: string | undefined }

/**
 * Reads `x-should-retry`, `retry-after-ms`, `retry-after` (seconds, or an HTTP date against the response's own
 * `date`), a duration such as Google's `retryDelay`, and the words of the message. The first that is a positive,
 * finite time counts; zero, negative and unreadable ones are no hint.
 */
export const read = (headers: Headers, message: string, retryDelay?: string): RetryHint => {
  const millis =
    positive(number(headers["retry-after-ms"])) ??
    positive(fromRetryAfter(headers)) ??
    positive(fromText(retryDelay ?? "")) ??
    positive(fromWords(message))
  const said = headers["x-should-retry"]?.trim().toLowerCase()
  return {
    ...(millis === undefined ? {} : { retryAfter: Duration.millis(millis) }),
    ...(said === "true" || said === "false" ? { shouldRetry: said === "true" } : {})
  }
}

// Longer than a century is a mistake of the server's, and beyond what a Date or a timer can hold.
const longest = 100 * 365 * 24 * 3_600_000

const positive = (millis: number | undefined): number | undefined =>
  millis !== undefined && millis > 0 && millis < Number.POSITIVE_INFINITY
    ? Math.min(Math.ceil(millis), longest)
    : undefined

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined

const fromRetryAfter = (headers: Headers): number | undefined => {
  const text = headers["retry-after"]
  if (text === undefined) return undefined
  const seconds = number(text)
  if (seconds !== undefined) return seconds * 1000
  // Against the server's clock, as ours may differ by more than the wait; without its date the hint says nothing sure.
  return Date.parse(text) - Date.parse(headers["date"] ?? "")
}

const units: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const amount = String.raw`\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?)(?![a-z])`

const words = new RegExp(
  String.raw`\b(?:try again|retry|retrying|wait)\s+(?:in|after|for)?\s*((?:${amount}[\s,]*(?:and\s+)?)+)`,
  "i"
)

const fromWords = (message: string): number | undefined => fromText(words.exec(message)?.[1] ?? "")

/** Adds up `6m0.5s`, `114h18m`, `250ms` or `20 seconds`. */
const fromText = (text: string): number | undefined => {
  const parts = Array.from(text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|mil|[smhd])/gi))
  if (parts.length === 0) return undefined
  return parts.reduce((sum, [, value, unit]) => {
    const name = unit?.toLowerCase() === "mil" ? "ms" : (unit?.toLowerCase() ?? "")
    return sum + Number(value) * (units[name] ?? 0)
  }, 0)
}
