import { Duration } from "effect"
import { describe, expect, it } from "vitest"
import { read } from "../../../src/http/errors/RetryHint.js"

const date = "Wed, 21 Oct 2026 07:28:00 GMT"
const millisOf = (headers: Record<string, string>, message = "", retryDelay?: string): number | undefined => {
  const { retryAfter } = read(headers, message, retryDelay)
  return retryAfter === undefined ? undefined : Duration.toMillis(retryAfter)
}

describe("the retry hint", () => {
  it.each([
    ["seconds", { "retry-after": "20" }, 20_000],
    ["fractions of a second", { "retry-after": "0.5" }, 500],
    ["milliseconds", { "retry-after-ms": "1500.4" }, 1501],
    ["milliseconds before seconds", { "retry-after-ms": "250", "retry-after": "1" }, 250],
    ["seconds when Azure sends zero milliseconds", { "retry-after-ms": "0", "retry-after": "1" }, 1000],
    ["a date relative to the date of the response", { "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date }, 30_000],
    ["a date in the past", { "retry-after": "Wed, 21 Oct 2026 07:27:00 GMT", date }, undefined],
    ["a date when the response has no date", { "retry-after": date }, undefined],
    ["zero", { "retry-after": "0" }, undefined],
    ["a negative number", { "retry-after": "-5" }, undefined],
    ["not a number", { "retry-after": "NaN" }, undefined],
    ["infinity", { "retry-after": "Infinity" }, undefined],
    ["a very large number, limited to 100 years", { "retry-after": "9".repeat(40) }, 100 * 365 * 24 * 3_600_000]
  ])("is read from headers: %s", (_, headers, millis) => {
    expect(millisOf(headers as Record<string, string>)).toBe(millis)
  })

  it.each([
    ["Rate limit reached for gpt-4o. Please try again in 20s. Visit …", 20_000],
    ["Please try again in 6m0.5s.", 360_500],
    ["Please retry in 48.2s.", 48_200],
    ["Try again in 250ms", 250],
    ["try again in 114h18m", (114 * 60 + 18) * 60_000],
    ["Please retry after 15 seconds.", 15_000],
    ["Please wait 2 minutes and 5 seconds", 125_000],
    ["Please try again in 0.30000000000000004s", 301],
    ["Too many requests", undefined],
    ["the model has 8 hours of context, retry", undefined]
  ])("is read from the message: %s", (message, millis) => {
    expect(millisOf({}, message)).toBe(millis)
  })

  it("is read from Google's RetryInfo", () => {
    expect(millisOf({}, "", "48s")).toBe(48_000)
    expect(millisOf({}, "", "0.25s")).toBe(250)
  })

  it("reads shouldRetry from the x-should-retry header", () => {
    expect(read({ "x-should-retry": "false" }, "").shouldRetry).toBe(false)
    expect(read({ "x-should-retry": "true" }, "").shouldRetry).toBe(true)
    expect(read({ "x-should-retry": "maybe" }, "").shouldRetry).toBeUndefined()
  })
})
