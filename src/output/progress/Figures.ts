/** Numbers as people read them. */

/** A count, with its thousands apart: `12,345`. Without `Intl`, which takes 10 ms to begin. */
export const count = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",")

/** Seconds: `0.4 s`, `12 s`, `2:05 min`. */
export const seconds = (value: number): string => {
  if (value < 9.95) return `${value.toFixed(1)} s`
  const whole = Math.round(value)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`
}

/** US dollars with two digits that say something, be they many zeros behind the point: `$1.25`, `$0.0042`, `$0.000014`. */
export const dollars = (value: number): string => {
  if (value === 0) return "$0"
  const decimals = Math.min(Math.max(2, 1 - Math.floor(Math.log10(Math.abs(value)))), 12)
  return `$${value.toFixed(decimals)}`
}

/** A price in US dollars with all of its digits, and two at least: `$2.50`, `$0.125`. */
export const price = (value: number): string => {
  const [, decimals = ""] = String(value).split(".")
  return `$${value.toFixed(Math.max(2, decimals.length))}`
}

/** Tokens, with a `~` where the count is an estimate: `~128 tokens`. */
export const tokens = (value: number, isExact: boolean): string =>
  `${isExact ? "" : "~"}${count(value)} ${value === 1 ? "token" : "tokens"}`

/** Tokens per second; nothing without time to measure. */
export const rate = (value: number, inSeconds: number): string | undefined => {
  if (value === 0 || inSeconds < 0.05) return undefined
  const perSecond = value / inSeconds
  return `${perSecond < 9.95 ? perSecond.toFixed(1) : count(Math.round(perSecond))} tokens/s`
}
