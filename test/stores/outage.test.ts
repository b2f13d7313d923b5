import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Exit, Layer } from "effect"
import { LLMClient, OpenAI, Policy } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { MockLLM } from "llm-connectivity/testing"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"

const chat = LLMClient.chat({ messages: [{ role: "user", content: "Hi" }] }).pipe(Effect.exit, Effect.timed)

const admitted = Effect.map(chat, ([, exit]) => Exit.isSuccess(exit))

const clientOf = (url: string, onUnavailable: Redis.OnUnavailable) =>
  LLMClient.fromProvider(OpenAI, {
    model: "m",
    policies: [],
    limits: [Policy.rateLimit({ requests: 2, per: "1 hour", maxWait: "20 seconds", burst: 0.5 })]
  }).pipe(
    Layer.provide(MockLLM.provider(OpenAI, () => ["Hi"])),
    Layer.provide(Redis.layer({ url, onUnavailable, commandTimeout: "1 second" }))
  )

/** Twenty callers at once, and how long the last of them took. */
const twenty = Effect.forEach(Array.from({ length: 20 }), () => chat, { concurrency: "unbounded" }).pipe(
  Effect.timed,
  Effect.map(([took, exits]) => ({
    admitted: exits.filter(([, exit]) => Exit.isSuccess(exit)).length,
    error: exits.flatMap(([, exit]) => (Exit.isFailure(exit) ? String(exit.cause).split("\n", 1) : []))[0],
    millis: Duration.toMillis(took)
  }))
)

const expected = { open: 20, closed: 0, local: 1 }

describe("without Redis, a rate limit", () => {
  for (const choice of ["open", "closed", "local"] as const) {
    it.scopedLive(`admits ${expected[choice]} of 20 calls with "${choice}", whether Redis is stopped or hangs`, () =>
      Effect.gen(function* () {
        const server = yield* redisServer
        const program = Effect.gen(function* () {
          // The limit is used up in Redis.
          expect(yield* admitted).toBe(true)
          expect(yield* admitted).toBe(false)
          yield* Effect.sync(server.pause)
          const hanging = yield* twenty
          yield* Effect.sync(server.resume)
          yield* Effect.sleep("1500 millis")
          const resumed = yield* admitted
          yield* Effect.promise(server.stop)
          const stopped = yield* twenty
          yield* Effect.promise(server.start)
          const restarted = yield* Effect.repeat(Effect.delay(admitted, "200 millis"), {
            until: (isAdmitted) => isAdmitted,
            times: 100
          })
          return { hanging, resumed, stopped, restarted }
        })
        const result = yield* Effect.provide(program, clientOf(server.url, choice))
        printFigures(choice, result)
        expect(result.hanging.admitted).toBe(expected[choice])
        // The place of this process is used up for an hour.
        expect(result.stopped.admitted).toBe(choice === "local" ? 0 : expected[choice])
        if (choice === "closed") expect(result.stopped.error).toContain("onUnavailable")
        expectTime(`20 calls while Redis hangs, milliseconds, ${choice}`, result.hanging.millis, 1500)
        expectTime(`20 calls while Redis is stopped, milliseconds, ${choice}`, result.stopped.millis, 1500)
        // Redis counts again when it is back: still used up after the pause, and anew after it lost its data.
        expect([result.resumed, result.restarted]).toEqual([false, true])
      })
    )
  }

  it.scopedLive("builds its layer while Redis is down, and calls do what it says", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      yield* Effect.promise(server.stop)
      expect(yield* Effect.provide(admitted, clientOf(server.url, "open"))).toBe(true)
      expect(yield* Effect.provide(admitted, clientOf(server.url, "closed"))).toBe(false)
    })
  )
})
