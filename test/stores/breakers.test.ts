import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Breakers } from "llm-connectivity"
import { Redis } from "llm-connectivity/redis"
import { redisServer } from "./redisServer.js"

// Long enough that a busy machine makes all calls of a step in time.
const settings = { failures: 3, coolDownMillis: 2000, rampMillis: 2000, probeMillis: 60_000 }

/** What a breaker admits while it opens, is probed, closes, is limited and ejected. */
const story = Effect.gen(function* () {
  const breakers = yield* Breakers
  const type = (name: string) => Effect.map(breakers.admit(name, settings), (admission) => admission.type)
  const admitted = Effect.map(
    Effect.all(
      Array.from({ length: 200 }, () => type("x")),
      { concurrency: "unbounded" }
    ),
    (types) => types.filter((each) => each === "admitted").length
  )
  const whenNew = yield* type("x")
  const states: Array<string | undefined> = []
  for (let index = 0; index < 3; index++) {
    states.push(yield* breakers.report("x", settings, { type: "failure", waitMillis: 0 }))
  }
  const whenOpen = yield* admitted
  yield* Effect.sleep("2100 millis")
  const afterCoolDown = yield* admitted
  states.push((yield* breakers.admit("x", settings)).state)
  states.push(yield* breakers.report("x", settings, { type: "success" }))
  yield* Effect.sleep("2100 millis")
  const afterRamp = yield* admitted
  yield* breakers.report("x", settings, { type: "limited", waitMillis: 20_000 })
  yield* breakers.report("x", settings, { type: "limited", waitMillis: 100 })
  yield* Effect.sleep("2100 millis")
  const beforeLongestHint = yield* type("x")
  yield* breakers.report("y", settings, { type: "ejected", waitMillis: 90_000 })
  return { whenNew, whenOpen, afterCoolDown, afterRamp, beforeLongestHint, whenEjected: yield* type("y"), states }
})

it.scopedLive("breakers in Redis decide as those in memory, send one probe for 200 callers, and expire", () =>
  Effect.gen(function* () {
    const server = yield* redisServer
    const inMemory = yield* Effect.provide(story, Breakers.memory)
    const inRedis = yield* Effect.provide(
      story,
      Redis.layer({ url: server.url, onUnavailable: "closed", commandTimeout: "2 seconds" })
    )
    expect(inRedis).toEqual(inMemory)
    expect(inRedis).toEqual({
      whenNew: "admitted",
      whenOpen: 0,
      afterCoolDown: 1,
      afterRamp: 200,
      beforeLongestHint: "rejected",
      whenEjected: "rejected",
      states: ["closed", "closed", "open", "half-open", "half-open"]
    })
    for (const key of (yield* Effect.promise(() => server.command("keys", "*"))).split("\n")) {
      expect(Number(yield* Effect.promise(() => server.command("pttl", key)))).toBeGreaterThan(0)
    }
  })
)
