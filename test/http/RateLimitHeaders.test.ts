import { describe, expect, it } from "vitest"
import { read } from "../../src/http/RateLimitHeaders.js"

const date = "Sat, 01 Nov 2025 10:00:00 GMT"

describe("rate limits in headers", () => {
  it("are read in the format of OpenAI, with the window that follows from the reset", () => {
    expect(
      read({
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s"
      })
    ).toMatchObject({
      requests: { limit: 60, remaining: 59, resetMillis: 1000, windowMillis: 60_000 },
      tokens: { limit: 150_000, remaining: 149_984, resetMillis: 360_000 }
    })
  })

  it("are read in the format of Anthropic, whose resets are times on the server's clock", () => {
    expect(
      read({
        date,
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "40",
        "anthropic-ratelimit-requests-reset": "2025-11-01T10:00:12Z",
        "anthropic-ratelimit-input-tokens-limit": "30000",
        "anthropic-ratelimit-input-tokens-remaining": "15000",
        "anthropic-ratelimit-input-tokens-reset": "2025-11-01T10:00:30Z",
        "anthropic-ratelimit-output-tokens-limit": "8000",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
        "anthropic-ratelimit-output-tokens-reset": "2025-11-01T10:00:00Z"
      })
    ).toEqual({
      requests: { limit: 50, remaining: 40, resetMillis: 12_000, windowMillis: 60_000 },
      inputTokens: { limit: 30_000, remaining: 15_000, resetMillis: 30_000, windowMillis: 60_000 },
      outputTokens: { limit: 8000, remaining: 8000, resetMillis: 0 }
    })
  })

  it("of Groq have requests per day beside tokens per minute", () => {
    const limits = read({
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "14370",
      "x-ratelimit-reset-requests": "2m59.56s",
      "x-ratelimit-limit-tokens": "18000",
      "x-ratelimit-remaining-tokens": "17997",
      "x-ratelimit-reset-tokens": "7.66ms"
    })
    expect(limits?.requests?.windowMillis).toBeCloseTo(86_188_800, -3)
    expect(limits?.tokens?.windowMillis).toBeCloseTo(45_960, -3)
  })

  it("with a period or without a unit are read too; of several periods the one that ends first counts", () => {
    expect(
      read({
        "x-ratelimit-limit-requests-day": "14400",
        "x-ratelimit-remaining-requests-day": "14000",
        "x-ratelimit-limit-requests-minute": "30",
        "x-ratelimit-remaining-requests-minute": "29"
      })
    ).toEqual({ requests: { limit: 30, remaining: 29, windowMillis: 60_000 } })
    expect(read({ date, "ratelimit-limit": "10", "ratelimit-remaining": "5", "ratelimit-reset": "30" })).toEqual({
      requests: { limit: 10, remaining: 5, resetMillis: 30_000, windowMillis: 60_000 }
    })
  })

  it("that say nothing or cannot be right are ignored", () => {
    expect(read({ "content-type": "text/plain" })).toBeUndefined()
    expect(read({ "x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "-1" })).toBeUndefined()
    expect(
      read({
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "5",
        "x-ratelimit-reset-requests": "9".repeat(400),
        "x-ratelimit-constructor": "1"
      })
    ).toEqual({ requests: { limit: 10, remaining: 5 } })
  })
})
