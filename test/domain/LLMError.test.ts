import { Duration, Schema } from "effect"
import { isRetryable, isTransient, LLMError, NetworkError, RateLimitError, ValidationError } from "llm-connectivity"
import { describe, expect, it } from "vitest"
import { keepPartial, withAttempts } from "../../src/domain/LLMError.js"

const at = { provider: "openai", model: "gpt-4o-mini", message: "…" }
const partial = {
  content: "half an ans",
  reasoning: "",
  toolCalls: [],
  usage: null,
  message: { role: "assistant", content: "half an answer" }
} as const

describe("an error", () => {
  it("is retryable when it passes with time and the provider does not forbid it", () => {
    expect(isRetryable(new RateLimitError({ ...at, reason: "RateLimit" }))).toBe(true)
    expect(isRetryable(new NetworkError({ ...at, reason: "Truncated" }))).toBe(true)
    expect(isRetryable(new NetworkError({ ...at, reason: "Server", retryable: false }))).toBe(false)
    expect(isRetryable(new ValidationError(at))).toBe(false)
    expect(isTransient(new ValidationError(at))).toBe(false)
  })

  it("says how long its provider asked to wait, whatever its class", () => {
    const retryAfter = Duration.seconds(20)
    expect(LLMError.retryAfter(new RateLimitError({ ...at, reason: "RateLimit", retryAfter }))).toEqual(retryAfter)
    expect(LLMError.retryAfter(new NetworkError({ ...at, reason: "Server" }))).toBeUndefined()
    expect(LLMError.retryAfter(new ValidationError(at))).toBeUndefined()
  })

  it("comes back from another process as it went", () => {
    const error = new RateLimitError({ ...at, reason: "Overloaded", retryAfter: Duration.seconds(20), status: 529 })
    const json = JSON.stringify(Schema.encodeSync(LLMError.schema)(error))
    expect(Schema.decodeUnknownSync(LLMError.schema)(JSON.parse(json))).toEqual(error)
  })

  it("keeps what had arrived beside itself, where nothing prints it, and through a recount", () => {
    const error = withAttempts(keepPartial(new NetworkError({ ...at, reason: "Truncated" }), partial), 3)
    expect(error.attempts).toBe(3)
    expect(LLMError.partial(error)).toEqual(partial)
    expect(JSON.stringify(error) + String(error) + error.stack).not.toContain("half an ans")
  })
})
