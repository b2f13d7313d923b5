import { expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Redis } from "llm-connectivity/redis"
import { RunStore } from "llm-connectivity/runs"
import { printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { runCost } from "./runCost.js"

// Five times what it costs on an idle machine, for machines with other work.
const slack = 5

it.scopedLive("a chunk of a run costs at most 15 microseconds over Redis, at four chunks for each read", () =>
  Effect.gen(function* () {
    const { url } = yield* redisServer
    const store = Context.get(yield* Layer.build(Redis.runStore({ url })), RunStore)
    const cost = yield* runCost(store)
    printFigures("microseconds of CPU per chunk over Redis", cost)
    expect(cost.writing).toBeLessThan(15 * slack)
    expect(cost.reading).toBeLessThan(15 * slack)
  })
)
