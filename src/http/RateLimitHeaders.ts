/**
 * Reads rate limits from response headers: `x-ratelimit-remaining-requests` and the like of OpenAI, Groq, Azure and many
 * others, also with a period (`-minute`, Cerebras and Mistral); `anthropic-ratelimit-input-tokens-remaining`; and
 * `ratelimit-remaining` without a unit, which counts requests.
 */
import type { ProviderLimit, ProviderLimits } from "../domain/ProviderLimits.js"
import { millisOf } from "./errors/RetryHint.js"

type Headers = { readonly [name: string]: string | undefined }
type Unit = keyof ProviderLimits

interface Figures {
  readonly unit: Unit
  /** The window, where the name of the header states it. */
  readonly periodMillis: number | undefined
  limit?: number
  remaining?: number
  resetMillis?: number
}

/** Reads the limits, or gives `undefined` where no header states one. */
export const read = (headers: Headers): ProviderLimits | undefined => {
  const all = new Map<string, Figures>()
  for (const name in headers) {
    const rest = /^(?:x-|anthropic-)?ratelimit-(.{1,60})$/.exec(name)?.[1]
    if (rest !== undefined) add(all, rest.split("-"), headers[name] ?? "", headers["date"])
  }
  return all.size === 0 ? undefined : limitsOf(all)
}

const periods = new Map([
  ["second", 1000],
  ["minute", 60_000],
  ["hour", 3_600_000],
  ["day", 86_400_000]
])

const unitOf = (words: ReadonlyArray<string>): Unit => {
  if (words.includes("input")) return "inputTokens"
  if (words.includes("output")) return "outputTokens"
  return words.includes("tokens") ? "tokens" : "requests"
}

/** A name that no rule knows, such as `x-ratelimit-policy`, has none of the three words. */
const add = (
  all: Map<string, Figures>,
  words: ReadonlyArray<string>,
  value: string,
  date: string | undefined
): void => {
  const unit = unitOf(words)
  const periodMillis = words.map((word) => periods.get(word)).find((millis) => millis !== undefined)
  const key = `${unit} ${periodMillis}`
  const figures = all.get(key) ?? { unit, periodMillis }
  if (words.includes("limit")) figures.limit = countOf(value)
  else if (words.includes("remaining")) figures.remaining = countOf(value)
  else if (words.includes("reset")) figures.resetMillis = resetOf(value, date)
  all.set(key, figures)
}

const countOf = (text: string): number => (/^\s*\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN)

// Numbers beyond are times, in seconds or milliseconds since 1970.
const maxSeconds = 1e9

const resetOf = (text: string, date: string | undefined): number => {
  const at = Date.parse(date ?? "")
  if (!/^\s*\d+(?:\.\d+)?\s*$/.test(text))
    return /\dT\d/.test(text) ? Date.parse(text) - at : (millisOf(text) ?? Number.NaN)
  const seconds = Number(text)
  if (seconds < maxSeconds) return seconds * 1000
  return (seconds < maxSeconds * 1000 ? seconds * 1000 : seconds) - at
}

const limitsOf = (all: ReadonlyMap<string, Figures>): ProviderLimits | undefined => {
  const limits: { -readonly [Field in Unit]?: ProviderLimit } = {}
  for (const figures of all.values()) {
    const limit = limitOf(figures)
    const other = limits[figures.unit]
    // Of a limit per minute and one per day, the one that ends first counts.
    if (limit !== undefined && (other === undefined || limit.remaining < other.remaining)) limits[figures.unit] = limit
  }
  return Object.keys(limits).length === 0 ? undefined : limits
}

/** Azure sometimes sends `-1` of `0`, which says nothing. */
const limitOf = ({ limit = Number.NaN, remaining = Number.NaN, resetMillis, periodMillis }: Figures) => {
  if (!(limit > 0 && remaining >= 0)) return undefined
  const reset = resetMillis !== undefined && resetMillis >= 0 && resetMillis < maxMillis ? resetMillis : undefined
  const inferred = reset === undefined || remaining >= limit ? undefined : (reset * limit) / (limit - remaining)
  const windowMillis = periodMillis ?? inferred
  return {
    limit,
    remaining,
    ...(reset === undefined ? {} : { resetMillis: reset }),
    ...(windowMillis === undefined ? {} : { windowMillis })
  }
}

// A year; a longer time is a mistake.
const maxMillis = 365 * 86_400_000
