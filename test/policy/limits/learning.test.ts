/** Rate limits learn from what a real server sends in its headers. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { collect, LLMClient, Policy, PolicyState } from "llm-connectivity"
import { clientOf, counts, done, finish, hello, say } from "../../support/openai.js"
import { json, serve, sse } from "../../support/server.js"

// A tenth of a minute's requests may come at once, so nothing waits unless the provider says so.
const limit = Policy.rateLimit({ requests: 600, per: "1 minute", maxWait: "1 minute" })

const answer: Parameters<typeof serve>[0] = (response) => sse(response, say("Hi"), finish(), counts, done).end()

const call = Effect.exit(collect(LLMClient.chatStream(hello)))

const pause = Effect.async<void>((resume) => void setTimeout(() => resume(Effect.void), 100))

/** Whether a second call is sent at once, and whether it is after some time on the test's clock. */
const secondCall = (first: Parameters<typeof serve>[0], millis: number) =>
  Effect.gen(function* () {
    const { url, requests } = yield* serve((response, request, index) =>
      index === 0 ? first(response, request, index) : answer(response, request, index)
    )
    const limits = [yield* limit]
    return yield* Effect.gen(function* () {
      yield* call
      const fiber = yield* Effect.fork(call)
      // Real time, in which a request would arrive. One that is expected has longer on a busy machine.
      yield* Effect.repeat(pause, { until: () => millis > 0 || requests.length === 2, times: 100 })
      const atOnce = requests.length === 2
      yield* TestClock.adjust(millis)
      yield* Fiber.join(fiber)
      return { atOnce, afterwards: requests.length === 2 }
    }).pipe(Effect.provide(clientOf(url, { model: "m", policies: [], limits })))
  }).pipe(Effect.scoped, Effect.provide(PolicyState.memory))

describe("a rate limit over HTTP", () => {
  it.effect("sends the next call at once where the headers say that requests are left", () =>
    Effect.gen(function* () {
      const first: typeof answer = (response, request, index) => {
        response.setHeader("x-ratelimit-limit-requests", "600")
        response.setHeader("x-ratelimit-remaining-requests", "599")
        response.setHeader("x-ratelimit-reset-requests", "100ms")
        answer(response, request, index)
      }
      expect(yield* secondCall(first, 0)).toEqual({ atOnce: true, afterwards: true })
    })
  )

  it.effect("waits with the next call where the headers say that no request is left", () =>
    Effect.gen(function* () {
      const first: typeof answer = (response, request, index) => {
        response.setHeader("x-ratelimit-limit-requests", "10")
        response.setHeader("x-ratelimit-remaining-requests", "0")
        response.setHeader("x-ratelimit-reset-requests", "10s")
        answer(response, request, index)
      }
      // The provider gives back one of its ten requests each second.
      expect(yield* secondCall(first, 2000)).toEqual({ atOnce: false, afterwards: true })
    })
  )

  it.effect("waits as long as a rejection says", () =>
    Effect.gen(function* () {
      const first: typeof answer = (response) => {
        response.setHeader("retry-after", "7")
        json(response, 429, { error: { message: "slow down", type: "rate_limit_error" } })
      }
      expect(yield* secondCall(first, 8000)).toEqual({ atOnce: false, afterwards: true })
    })
  )
})
