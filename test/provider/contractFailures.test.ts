/** The contract of every provider for failures: error responses, errors inside a stream, and truncated streams. */
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Option, TestClock, TestServices } from "effect"
import { collect, LLMClient, LLMError, type Timeouts } from "llm-connectivity"
import { Simulator } from "llm-connectivity/testing"
import type { TimeoutName } from "../../src/domain/ErrorFields.js"
import type { ErrorKind, ServedError } from "../../src/protocol/serve/ServedError.js"
import type { Fault } from "../../src/testing/simulator/faults/Fault.js"
import { asking, closedAfterLeaving, sampleRequest, subjects } from "../support/contract.js"

const streamed = (timeouts?: Timeouts) => Effect.flip(collect(LLMClient.chatStream(sampleRequest, { timeouts })))
const nonStreaming = (timeouts?: Timeouts) => Effect.flip(LLMClient.chat(sampleRequest, { timeouts }))

const rateLimit: ServedError = { kind: "rateLimit", retryAfter: "20 seconds" }

const errors: ReadonlyArray<readonly [ErrorKind, ServedError, object]> = [
  ["authentication", { kind: "authentication" }, { _tag: "AuthenticationError" }],
  ["permission", { kind: "permission" }, { _tag: "AuthenticationError" }],
  ["insufficientCredits", { kind: "insufficientCredits" }, { _tag: "InsufficientCreditsError" }],
  ["rateLimit", rateLimit, { _tag: "RateLimitError", reason: "RateLimit", retryable: true }],
  ["overloaded", { kind: "overloaded" }, { _tag: "RateLimitError", reason: "Overloaded", retryable: true }],
  ["modelNotFound", { kind: "modelNotFound" }, { _tag: "ModelNotFoundError" }],
  ["contextWindow", { kind: "contextWindow" }, { _tag: "ContextWindowExceededError" }],
  ["invalidRequest", { kind: "invalidRequest" }, { _tag: "ValidationError" }],
  ["server", { kind: "server" }, { _tag: "NetworkError", reason: "Server", retryable: true }]
]

const never = Number.POSITIVE_INFINITY

const noTimeouts: Timeouts = { headers: never, firstContent: never, idle: never, total: never }

const moment = TestServices.provideLive(Effect.sleep("1 millis"))

/** Waits in real time until the Simulator has a request. */
const received = Effect.gen(function* () {
  for (;;) {
    const [request] = yield* Simulator.requests
    if (request !== undefined) return request
    yield* moment
  }
})

/** Lets minutes of the test's clock pass until a call has ended. The sockets keep real time, on machines of any speed. */
const afterMinutes = <A, E>(calling: Fiber.RuntimeFiber<A, E>) =>
  Effect.gen(function* () {
    while (Option.isNone(yield* Fiber.poll(calling))) {
      yield* TestClock.adjust("1 minute")
      yield* moment
    }
    return yield* Fiber.join(calling)
  })

describe.each(subjects)("%s", (_, subject) => {
  const from = { provider: subject.provider, model: subject.model, attempts: 1 }

  it.live.each(errors)("fails with the same error class in a response and inside a stream: %s", ([, error, expected]) =>
    Effect.gen(function* () {
      const responses = [yield* streamed(), yield* nonStreaming()]
      const inside = yield* streamed()
      for (const failure of [...responses, inside]) expect(failure).toMatchObject({ ...from, ...expected })
      for (const { status, requestId, message } of responses) {
        expect(status).toBeGreaterThanOrEqual(400)
        expect(requestId).toMatch(/^req_/)
        expect(message).toMatch(new RegExp(`^${subject.provider}/${subject.model} `))
      }
      expect(inside.status).toBe(200)
      expect(LLMError.partial(inside)?.content).toBe("One, two")
    }).pipe(asking(subject, [{ error }, { error }, { fault: { type: "errorEvent", error, afterChunks: 3 } }]))
  )

  it.live("reads retryAfter of a rate limit wherever the protocol has it", () =>
    Effect.gen(function* () {
      for (const failure of [yield* streamed(), yield* nonStreaming()]) {
        expect(failure).toMatchObject({ retryAfter: Duration.seconds(20) })
        expect(failure.message).toContain("try again in 20s")
      }
    }).pipe(asking(subject, [{ error: rateLimit }, { error: rateLimit }]))
  )

  it.live("fails with a ProviderError on unknown errors and malformed events, without quoting them", () =>
    Effect.gen(function* () {
      const failures = [yield* streamed(), yield* nonStreaming(), yield* streamed()]
      for (const failure of failures) expect(failure).toMatchObject({ ...from, _tag: "ProviderError" })
      expect(failures[2]?.message).toContain("sent a malformed response")
      expect(failures[2]?.message).not.toContain("simulated")
    }).pipe(
      asking(subject, [
        { status: 418, body: {} },
        { status: 418, body: {} },
        { fault: { type: "malformedEvent", afterChunks: 2 } }
      ])
    )
  )

  const truncations: ReadonlyArray<readonly [string, Fault, string]> = [
    ["before the first chunk", { type: "truncate", afterChunks: 0 }, ""],
    ["after some chunks", { type: "truncate", afterChunks: 3 }, "One, two"],
    ["by a reset", { type: "reset", afterChunks: 3 }, "One, two"],
    ["inside a character", { type: "cutCharacter", afterChunks: 3 }, "One, two"]
  ]

  it.live.each(truncations)(
    "fails as truncated when a response is truncated %s, and keeps the partial response",
    ([, fault, content]) =>
      Effect.gen(function* () {
        const truncated = yield* streamed()
        expect(truncated).toMatchObject({ ...from, _tag: "NetworkError", reason: "Truncated", status: 200 })
        expect(LLMError.partial(truncated)?.content).toBe(content)
        expect(yield* nonStreaming()).toMatchObject({ ...from, _tag: "NetworkError", reason: "Truncated" })
      }).pipe(asking(subject, [{ fault }, { fault }]))
  )

  // Longer than any test.
  const delay = "1 hour"

  const waits: ReadonlyArray<readonly [TimeoutName, Fault]> = [
    ["headers", { type: "slowHeaders", delay }],
    ["firstContent", { type: "slowFirstContent", delay }],
    ["idle", { type: "stall", afterChunks: 3 }],
    ["total", { type: "stall", afterChunks: 3 }]
  ]

  it.effect.each(waits)("fails when its timeout expires, and closes the connection: %s", ([timeout, fault]) =>
    Effect.gen(function* () {
      const calling = yield* Effect.fork(streamed({ ...noTimeouts, [timeout]: "1 minute" }))
      const request = yield* received
      expect(yield* afterMinutes(calling)).toMatchObject({ ...from, _tag: "NetworkError", reason: "Timeout", timeout })
      expect(yield* request.closed).toMatchObject({ closedBy: "caller" })
    }).pipe(asking(subject, [{ fault }]))
  )

  it.live("closes the socket when the consumer is interrupted or takes a part", () =>
    Effect.map(closedAfterLeaving, (closed) => expect(closed).toEqual(["caller", "caller"])).pipe(
      asking(subject, () => ({ fault: { type: "endlessStream" }, pace: "5 millis" }))
    )
  )
})
