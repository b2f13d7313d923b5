/** Deletes the stored data of executions that ended long ago. */
import * as MachineId from "@effect/cluster/MachineId"
import * as Snowflake from "@effect/cluster/Snowflake"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { checkOptions } from "../../domain/checkOptions.js"
import { durationProblem } from "../../domain/durationProblem.js"
import type { ValidationError } from "../../domain/LLMError.js"

/** How long ended work is stored. */
export interface RetentionOptions {
  /**
   * How long an answered prompt or a loop is stored after its end; 30 days by default, forever with `Duration.infinity`.
   * After that, the same id is new work.
   */
  readonly retention?: Duration.DurationInput | undefined
}

// The most executions that one transaction deletes.
const batchSize = 500

/** Deletes at most `batchSize` executions that ended before a time, and gives their number. */
const deleteEnded = (endedBefore: number): Effect.Effect<number, unknown, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = (yield* SqlClient.SqlClient).withoutTransforms()
    const cutoff = Snowflake.make({ timestamp: endedBefore, machineId: MachineId.make(0), sequence: 0 })
    // The id of a reply contains the time of its writing.
    const ended = yield* sql<{ entity_id: string }>`
      SELECT m.entity_id FROM cluster_messages m
      JOIN cluster_replies r ON r.request_id = m.id AND r.kind = 0 AND r.id < ${sql.literal(String(cutoff))}
      WHERE m.tag = 'run' AND m.entity_type LIKE 'Workflow/%'
      AND r.payload NOT LIKE '{"_tag":"Success","value":{"_tag":"Suspended"%'
      LIMIT ${sql.literal(String(batchSize))}`
    if (ended.length === 0) return 0
    const isOfEnded = sql.in(
      "entity_id",
      ended.map(({ entity_id }) => entity_id)
    )
    yield* sql`DELETE FROM cluster_replies WHERE request_id IN (SELECT id FROM cluster_messages WHERE ${isOfEnded})`.pipe(
      Effect.zipRight(sql`DELETE FROM cluster_messages WHERE ${isOfEnded}`),
      sql.withTransaction
    )
    return ended.length
  })

/** Deletes all executions that ended longer ago than `retention`. */
const deleteOld = (retention: Duration.Duration): Effect.Effect<void, unknown, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const endedBefore = now - Duration.toMillis(retention)
    yield* Effect.repeat(deleteEnded(endedBefore), { until: (count) => count < batchSize })
  })

// `clear` finds executions by their ids, for which the storage has no index of its own.
const indexed = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`CREATE INDEX IF NOT EXISTS cluster_messages_entity_idx ON cluster_messages (entity_id)`
)

const defaultRetention = "30 days"

/** Checks the options. */
export const checkRetention = ({
  retention = defaultRetention
}: RetentionOptions): Effect.Effect<void, ValidationError> =>
  checkOptions("Durable", [durationProblem("retention", retention)])

/** Deletes old executions when the engine starts, and every hour. */
export const withRetention = <A, E, R>(
  engine: Layer.Layer<A, E, R>,
  { retention = defaultRetention }: RetentionOptions
): Layer.Layer<A, E, R | SqlClient.SqlClient> => {
  const after = Duration.decode(retention)
  const cleaning = Effect.repeat(Effect.ignoreLogged(deleteOld(after)), Schedule.spaced("1 hour"))
  return Layer.scopedDiscard(
    Effect.zipRight(
      Effect.ignoreLogged(indexed),
      Effect.when(Effect.forkScoped(cleaning), () => Duration.isFinite(after))
    )
  ).pipe(Layer.provideMerge(engine))
}
