import { describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { Redis } from "llm-connectivity/redis"
import { Sql } from "llm-connectivity/sql"
import { storeContract } from "../runs/storeContract.js"
import { postgres, sqlite } from "./databases.js"
import { redisCluster, redisServer } from "./redisServer.js"
import { started } from "./started.js"

const onItsOwnClock = {
  pass: (millis: number) => Effect.sleep(millis),
  test: (title: string, run: () => Effect.Effect<void, unknown, Scope.Scope>) => it.scopedLive(title, run)
}

describe("the store of runs in Redis", () => {
  storeContract({ ...onItsOwnClock, layer: started(redisServer, ({ url }) => Redis.runStore({ url })) })
})

describe("the store of runs in a Redis Cluster", () => {
  const layer = started(redisCluster, (nodes) => Redis.runStore({ cluster: nodes.map(({ url }) => url) }))
  storeContract({ ...onItsOwnClock, layer })
})

describe("the store of runs in SQLite", () => {
  const layer = started(sqlite, (connect) => Layer.provide(Sql.runStore, connect()))
  storeContract({ ...onItsOwnClock, layer })
})

describe("the store of runs in PostgreSQL", () => {
  const layer = started(postgres, (connect) => Layer.provide(Sql.runStore, connect()))
  storeContract({ ...onItsOwnClock, layer })
})
