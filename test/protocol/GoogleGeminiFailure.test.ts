import { describe, expect, it } from "vitest"
import { classify, type ErrorKind } from "../../src/http/errors/classification.js"
import { make } from "../../src/protocol/google-gemini/protocol.js"

const protocol = make({ provider: "google" })

describe("an error of Google", () => {
  const reported = (code: number, status: string, message = "", details: ReadonlyArray<unknown> = []) =>
    protocol.reportedError({ error: { code, message, status, details } })

  it("has its codes, the most specific first, its status and its retry delay", () => {
    const details = [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "48s" }
    ]
    const error = reported(400, "INVALID_ARGUMENT", "API key not valid.", details)
    expect(error).toEqual({
      message: "API key not valid.",
      codes: ["API_KEY_INVALID", "INVALID_ARGUMENT"],
      status: 400,
      retryDelay: "48s"
    })
    expect(protocol.reportedError([{ error: { code: 499, status: "CANCELLED" } }])).toMatchObject({ status: 499 })
    expect(protocol.reportedError({ error: "invalid_grant", error_description: "Bad" })).toMatchObject({
      message: "Bad"
    })
  })

  const quota = "You exceeded your current quota, please check your plan and billing details."
  const cases: ReadonlyArray<readonly [number, string, string, ErrorKind]> = [
    [400, "INVALID_ARGUMENT", "Please use a valid role.", "Validation"],
    [400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", "Authentication"],
    [
      400,
      "INVALID_ARGUMENT",
      "The input token count (9) exceeds the maximum number of tokens allowed (8).",
      "ContextWindowExceeded"
    ],
    [400, "FAILED_PRECONDITION", "User location is not supported for the API use.", "Authentication"],
    [
      400,
      "FAILED_PRECONDITION",
      "The free tier is not available in your country. Please enable billing.",
      "InsufficientCredits"
    ],
    [403, "PERMISSION_DENIED", "Your API key was reported as leaked.", "Authentication"],
    [404, "NOT_FOUND", "models/x is not found for API version v1beta.", "ModelNotFound"],
    [429, "RESOURCE_EXHAUSTED", quota, "RateLimit"],
    [429, "RESOURCE_EXHAUSTED", `${quota} * generate_content_free_tier_requests, limit: 20`, "RateLimit"],
    [429, "RESOURCE_EXHAUSTED", `${quota} * generate_content_free_tier_requests, limit: 0`, "InsufficientCredits"],
    [429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted.", "InsufficientCredits"],
    [500, "INTERNAL", "An internal error has occurred.", "Server"],
    [503, "UNAVAILABLE", "The model is overloaded. Please try again later.", "Overloaded"],
    [504, "DEADLINE_EXCEEDED", "Deadline expired.", "Server"]
  ]

  it.each(cases)("of %i %s %s is %s", (code, status, message, kind) => {
    const error = reported(code, status, message)
    expect(error && classify(error, undefined)).toBe(kind)
  })
})
