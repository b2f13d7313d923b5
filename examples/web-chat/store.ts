/** The stores of answers and approvals: memory, or the SQLite file or Redis of `RUNS`, which survive a restart. */
import { randomBytes } from "node:crypto"
import { SqliteClient } from "@effect/sql-sqlite-node"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Redis } from "llm-connectivity/redis"
import { RunStore, Runs } from "llm-connectivity/runs"
import { Sql } from "llm-connectivity/sql"
import { ApprovalStore, Approvals } from "llm-connectivity/tools"

const sqlite = "sqlite:"

/** The secret that signs approvals. A random one makes approvals that wait invalid when the server restarts. */
const secretSetting = Config.withDefault(
  Config.redacted("APPROVALS_SECRET"),
  Redacted.make(randomBytes(32).toString("hex"))
)

type Stores = Layer.Layer<RunStore | Approvals, { readonly message: string }>

const storesOf = (address: string, secret: Redacted.Redacted<string>): Stores => {
  if (address === "memory") {
    return Layer.merge(RunStore.memory, Approvals.layer({ secret, store: ApprovalStore.memory }))
  }
  if (address.startsWith(sqlite)) {
    return Layer.merge(Sql.runStore, Approvals.layer({ secret, store: Sql.approvalStore })).pipe(
      Layer.provide(SqliteClient.layer({ filename: address.slice(sqlite.length) }))
    )
  }
  const store = Redis.approvalStore({ url: address })
  return Layer.merge(Redis.runStore({ url: address }), Approvals.layer({ secret, store }))
}

const stores = Layer.unwrapEffect(
  Effect.map(Config.all([Config.withDefault(Config.string("RUNS"), "memory"), secretSetting]), ([address, secret]) =>
    storesOf(address, secret)
  )
)

/** The answers and approvals. On shutdown, answers that are being written have ten seconds to end. */
export const runs = Layer.provideMerge(Runs.layer({ grace: "10 seconds" }), stores)
