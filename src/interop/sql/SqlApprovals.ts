/** The approvals that were used, in SQLite or PostgreSQL. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../../domain/monotonic.js"
import type { ApprovalStore } from "../../policy/ApprovalStore.js"
import type { StateUnavailable } from "../../policy/StateUnavailable.js"
import type { Database } from "./Database.js"

// Ids stay longer than they are valid, as the clocks of the processes and of the database differ.
const keptAfterExpiry = Duration.toMillis("1 day")

const sweepEvery = Duration.toMillis("1 minute")

/** Makes the store. It deletes expired ids with a use, once in a minute. */
export const make = (db: Database): ApprovalStore => {
  let sweptAt = Number.NEGATIVE_INFINITY
  const sweep: Effect.Effect<void> = Effect.clockWith((clock) => {
    const now = monotonicMillis(clock)
    if (now - sweptAt < sweepEvery) return Effect.void
    sweptAt = now
    return Effect.ignore(db.run(db.sql`DELETE FROM llm_approvals WHERE expires_at < ${db.now} - ${keptAfterExpiry}`))
  })
  const consume = (id: string, expiresAt: number): Effect.Effect<boolean, StateUnavailable> =>
    Effect.map(
      db.run(db.sql`INSERT INTO llm_approvals (id, expires_at) VALUES (${id}, ${Math.ceil(expiresAt)})
        ON CONFLICT DO NOTHING RETURNING id`),
      (rows) => rows.length > 0
    )
  return { consume: (id, expiresAt) => Effect.zipLeft(consume(id, expiresAt), sweep) }
}
