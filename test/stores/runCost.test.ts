import { it } from "@effect/vitest"
import { Context, Effect, Layer, type Scope } from "effect"
import { Redis } from "llm-connectivity/redis"
import { RunStore } from "llm-connectivity/runs"
import { Sql } from "llm-connectivity/sql"
import { sqlite } from "./databases.js"
import { expectTime, printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { clientCost, runCost } from "./runCost.js"

// The aim is for a program that has run for long, and half of the cost over Redis is the system's: waking a server that
// waits.

interface Measured {
  readonly name: string
  /** The aim, in microseconds of CPU per chunk. */
  readonly aim: number
  /** The store, and what a client of the database takes by itself if that is measured. */
  readonly open: Effect.Effect<
    readonly [Layer.Layer<RunStore, unknown>, Effect.Effect<number, never, Scope.Scope>],
    never,
    Scope.Scope
  >
}

const overRedis = Effect.map(redisServer, ({ url }) => [Redis.runStore({ url }), clientCost(url)] as const)
const overSqlite = Effect.map(sqlite, (connect) => [Layer.provide(Sql.runStore, connect()), Effect.succeed(0)] as const)

const measured: ReadonlyArray<Measured> = [
  { name: "Redis", aim: 15, open: overRedis },
  { name: "SQLite", aim: 25, open: overSqlite }
]

for (const { name, aim, open } of measured) {
  it.scopedLive(`a chunk of a run costs about ${aim} microseconds over ${name}, at four chunks for each read`, () =>
    Effect.gen(function* () {
      const [layer, client] = yield* open
      const store = Context.get(yield* Layer.build(layer), RunStore)
      const plain = yield* client
      const cost = yield* runCost(store)
      printFigures(`microseconds of CPU per chunk over ${name}`, { ...cost, plain })
      expectTime(`writing over ${name}`, cost.writing, aim, plain)
      expectTime(`reading over ${name}`, cost.reading, aim)
    })
  )
}
