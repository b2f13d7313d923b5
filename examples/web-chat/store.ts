/** Where answers are stored: in memory, or by `RUNS` in a file of SQLite or in Redis, where they survive a restart. */
import { SqliteClient } from "@effect/sql-sqlite-node"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Redis } from "llm-connectivity/redis"
import { RunStore, Runs } from "llm-connectivity/runs"
import { Sql } from "llm-connectivity/sql"

const sqlite = "sqlite:"

const storeOf = (address: string): Layer.Layer<RunStore, { readonly message: string }> => {
  if (address === "memory") return RunStore.memory
  if (!address.startsWith(sqlite)) return Redis.runStore({ url: address })
  return Layer.provide(Sql.runStore, SqliteClient.layer({ filename: address.slice(sqlite.length) }))
}

const store = Layer.unwrapEffect(Effect.map(Config.withDefault(Config.string("RUNS"), "memory"), storeOf))

/** The answers. On shutdown those that are being written have ten seconds to end. */
export const runs = Layer.provide(Runs.layer({ grace: "10 seconds" }), store)
