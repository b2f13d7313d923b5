import { describe, expect, it } from "vitest"
import { refusedByStore, StateUnavailable } from "../../src/policy/StateUnavailable.js"

describe("a call that cannot be admitted without its store", () => {
  it("fails with an error that retry and fallback understand, and that counts no request", () => {
    const error = refusedByStore("openai", "gpt-4o-mini")(new StateUnavailable({ reason: "ECONNREFUSED" }))
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Connection", retryable: true, attempts: 0 })
    expect(error.message).toContain("ECONNREFUSED")
  })
})
