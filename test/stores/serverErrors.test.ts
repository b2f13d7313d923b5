/** A provider answers 503 for ten seconds, over real HTTP: the breaker keeps the calls away, and lets them back soon. */
import { NodeHttpClient } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { LLMClient, OpenAI, Policy, PolicyState } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { Simulator } from "llm-connectivity/testing"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"

const outageMillis = 10_000

/** A provider that fails for a while once the outage has begun, and when each request arrived since then. */
const failing = Effect.gen(function* () {
  const arrivals: Array<number> = []
  let begun = Number.POSITIVE_INFINITY
  const simulator = yield* Layer.build(
    Simulator.layer({
      pace: 0,
      script: () => {
        const millis = performance.now() - begun
        if (millis < 0) return {}
        arrivals.push(millis)
        return millis < outageMillis ? { status: 503 } : {}
      }
    })
  )
  const client = LLMClient.fromProvider(OpenAI, {
    model: "gpt-4o-mini",
    policies: [Policy.retry()],
    limits: [Policy.circuitBreaker()]
  }).pipe(
    Layer.provide(
      Layer.unwrapEffect(
        Effect.map(Simulator, ({ apiKey, baseUrls }) => OpenAI.layer({ apiKey, baseUrl: baseUrls.openai }))
      )
    ),
    Layer.provide(Layer.succeedContext(simulator)),
    Layer.provide(NodeHttpClient.layerUndici)
  )
  const begin = Effect.sync(() => {
    begun = performance.now()
  })
  return { arrivals, client, begin, since: () => performance.now() - begun }
})

const calls = 200

/** Five calls every 300 ms, by several clients in turn, for twelve seconds. */
const outage = (states: ReadonlyArray<Layer.Layer<PolicyState, unknown>>) =>
  Effect.gen(function* () {
    const { arrivals, client, begin, since } = yield* failing
    const clients = yield* Effect.forEach(states, (state) => Layer.build(Layer.fresh(Layer.provide(client, state))))
    const answered: Array<number> = []
    const chat = LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] })
    const call = Effect.exit(Effect.tap(chat, () => Effect.sync(() => answered.push(since()))))
    // Otherwise the time until the code is compiled is part of the outage.
    for (const context of clients) yield* Effect.provide(Effect.replicateEffect(chat, 20), context)
    yield* begin
    const fibers: Array<Fiber.RuntimeFiber<unknown>> = []
    let sent = 0
    while (sent < calls || (answered.length === 0 && since() < 2 * outageMillis)) {
      for (let each = sent; each < sent + 5; each++) {
        const context = clients[each % clients.length]
        if (context !== undefined) fibers.push(yield* Effect.fork(Effect.provide(call, context)))
      }
      sent += 5
      yield* Effect.sleep("300 millis")
    }
    yield* Fiber.awaitAll(fibers)
    const during = arrivals.filter((millis) => millis < outageMillis)
    // The breaker opens with the first five failures. Those before and soon after are no probes.
    const probes = during.slice(during.findIndex((millis, index) => millis - (during[index - 1] ?? millis) > 500))
    const gaps = probes.slice(1).map((millis, index) => millis - (probes[index] ?? 0))
    const figures = {
      requestsPerCall: arrivals.length / sent,
      probes: probes.length,
      shortestGap: Math.min(...gaps),
      answeredAfter: Math.min(...answered) - outageMillis,
      answered: answered.length
    }
    printFigures("10 s of 503", figures)
    expect(figures.requestsPerCall).toBeLessThanOrEqual(1.1)
    expect(probes.length).toBeGreaterThan(3)
    expect(probes.length).toBeLessThanOrEqual(10)
    // The cool-down is a second from the end of the probe before.
    expect(figures.shortestGap).toBeGreaterThan(990)
    expectTime("answered after the end, milliseconds", figures.answeredAfter, 2000)
  })

describe("10 s of 503", () => {
  it.scopedLive("cost at most 1.1 requests per call and a probe per cool-down, and calls are answered within 2 s", () =>
    outage([PolicyState.memory])
  )

  it.scopedLive("do so for two processes that share a breaker in Redis, too", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer
      const state = Redis.layer({ url, onUnavailable: "closed", commandTimeout: "5 seconds" })
      yield* outage([Layer.fresh(state), Layer.fresh(state)])
    })
  )
})
