/** Formats numbers for people. */

/** Formats a count with thousands separators: `12,345`. Does not use `Intl`, which takes 10 ms to start. */
export const count = (value: number): string => String(value).replace(/\B(?=(?:\d{3})+$)/g, ",")

/** Formats seconds: `0.4 s`, `12 s`, `2:05 min`. */
export const seconds = (value: number): string => {
  if (value < 9.95) return `${value.toFixed(1)} s`
  const rounded = Math.round(value)
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")} min`
}

/** Formats US dollars with two significant digits, and two decimals at least: `$1.25`, `$0.0042`, `$0.000014`. */
export const dollars = (value: number): string => {
  if (value === 0) return "$0"
  const decimals = Math.min(Math.max(2, 1 - Math.floor(Math.log10(Math.abs(value)))), 12)
  return `$${value.toFixed(decimals)}`
}

/** Formats a price in US dollars with all its decimals, and two at least: `$2.50`, `$0.125`. */
export const price = (value: number): string => {
  const [, decimals = ""] = String(value).split(".")
  return `$${value.toFixed(Math.max(2, decimals.length))}`
}

/** Formats a token count, with a `~` if it is an estimate: `~128 tokens`. */
export const tokens = (value: number, isExact: boolean): string =>
  `${isExact ? "" : "~"}${count(value)} ${value === 1 ? "token" : "tokens"}`

/** Formats tokens per second; `undefined` below 0.05 s, which is too short to measure. */
export const rate = (value: number, inSeconds: number): string | undefined => {
  if (value === 0 || inSeconds < 0.05) return undefined
  const perSecond = value / inSeconds
  return `${perSecond < 9.95 ? perSecond.toFixed(1) : count(Math.round(perSecond))} tokens/s`
}
