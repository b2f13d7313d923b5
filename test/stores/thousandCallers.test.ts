import { NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, TestClock } from "effect"
import { LLMClient, OpenAI, Policy, PolicyState } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { MockLLM } from "llm-connectivity/testing"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { strictProvider } from "./strictProvider.js"

// 200 a second beside a burst of 40.
const limit = Policy.rateLimit({ requests: 240, burst: 0.167, per: "1 second", maxWait: "30 seconds" })

const thousand = Effect.gen(function* () {
  const provider = yield* strictProvider({ type: "bucket", capacity: 200, perSecond: 200 })
  const client = LLMClient.fromProvider(OpenAI, {
    model: "gpt-4o-mini",
    limits: [limit]
  }).pipe(
    Layer.provide(OpenAI.layer({ apiKey: "key", baseUrl: provider.baseUrl })),
    Layer.provide(NodeHttpClient.layerUndici)
  )
  const chat = LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] })
  const program = Effect.forEach(Array.from({ length: 1000 }), () => Effect.exit(chat), {
    concurrency: "unbounded"
  })
  // Otherwise the compilation of the code is measured, too.
  const warmUp = Effect.repeatN(chat, 20)
  const measured = Effect.zipRight(warmUp, Effect.timed(program)).pipe(Effect.provide(client))
  return Effect.map(measured, ([took, exits]) => {
    const figures = {
      failed: exits.filter(Exit.isFailure).length,
      requestsPerCall: (provider.arrivals().length - 21) / 1000,
      seconds: Duration.toSeconds(took)
    }
    printFigures("1,000 callers", figures)
    expect(figures.failed).toBe(0)
    // A machine that holds requests up for longer than the limiter allows for sends some of them twice.
    expectTime("1,000 callers, requests beyond one per call", figures.requestsPerCall - 1, 0.05)
    expectTime("1,000 callers, seconds", figures.seconds, 6)
  })
}).pipe(Effect.flatten)

describe("1,000 callers at once on 200 requests a second", () => {
  it.effect("are all answered within 6 seconds on a test clock, each with one request", () =>
    Effect.gen(function* () {
      const calls = Effect.forEach(
        Array.from({ length: 1000 }),
        () => LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] }),
        { concurrency: "unbounded", discard: true }
      )
      const fiber = yield* Effect.fork(calls)
      for (let step = 0; step < 48; step++) yield* TestClock.adjust("125 millis")
      expect(Exit.isSuccess(yield* Effect.flatten(Fiber.poll(fiber)))).toBe(true)
      expect(yield* MockLLM.requests).toHaveLength(1000)
    }).pipe(
      Effect.provide(
        LLMClient.fromProvider(OpenAI, { model: "m", limits: [limit] }).pipe(
          Layer.provideMerge(MockLLM.provider(OpenAI, () => ["Hi"])),
          Layer.provide(PolicyState.memory)
        )
      )
    )
  )

  it.scopedLive("are all answered within 6 seconds, with a limit in memory", () =>
    Effect.provide(thousand, PolicyState.memory)
  )

  it.scopedLive("are all answered within 6 seconds, with a limit in Redis", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer
      yield* Effect.provide(thousand, Redis.layer({ url, onUnavailable: "closed", commandTimeout: "5 seconds" }))
    })
  )
})
