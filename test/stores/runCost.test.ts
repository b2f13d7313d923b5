import { it } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { Redis } from "llm-connectivity/redis"
import { RunStore } from "llm-connectivity/runs"
import { Sql } from "llm-connectivity/sql"
import { sqlite } from "./databases.js"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { runCost } from "./runCost.js"

// The aim is for a program that has run for long, and half of the cost over Redis is the system's: waking a server that
// waits.

interface Measured {
  readonly name: string
  /** The aim, in microseconds of CPU per chunk. */
  readonly aim: number
  readonly layer: Effect.Effect<Layer.Layer<RunStore, unknown>, never, Scope.Scope>
}

const measured: ReadonlyArray<Measured> = [
  { name: "Redis", aim: 15, layer: Effect.map(redisServer, ({ url }) => Redis.runStore({ url })) },
  { name: "SQLite", aim: 25, layer: Effect.map(sqlite, (connect) => Layer.provide(Sql.runStore, connect())) }
]

for (const { name, aim, layer } of measured) {
  it.scopedLive(`a chunk of a run costs about ${aim} microseconds over ${name}, at four chunks for each read`, () =>
    Effect.gen(function* () {
      const store = Context.get(yield* Effect.flatMap(layer, Layer.build), RunStore)
      const cost = yield* runCost(store)
      printFigures(`microseconds of CPU per chunk over ${name}`, cost)
      expectTime(`writing over ${name}`, cost.writing, aim)
      expectTime(`reading over ${name}`, cost.reading, aim)
    })
  )
}
