/** Lets one process at a time open a PostgreSQL database for durable work. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"

/** Any number that nothing else in the database locks. */
const openingLock = 5_119_034_727

/**
 * Builds a layer while no other process does: `@effect/cluster` fails if two create its tables at once. Waits for another
 * process for a minute, and fails then. PostgreSQL frees the lock of a process that ends.
 */
export const oneAtATime = <A, R>(layer: Layer.Layer<A, unknown, R>): Layer.Layer<A, unknown, R | SqlClient.SqlClient> =>
  Layer.scopedContext(
    Effect.flatMap(Effect.scope, (scope) =>
      Effect.scoped(Effect.zipRight(lockedOpening, Layer.buildWithScope(layer, scope)))
    )
  )

const lockedOpening = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const connection = yield* sql.reserve
  const lock = Effect.map(
    connection.executeValues(`SELECT pg_try_advisory_lock(${openingLock})`, []),
    ([row]) => row?.[0]
  )
  // Before the lock is taken: an acquisition is uninterruptible, and a timeout would wait for what cannot be interrupted.
  // PostgreSQL only warns of a lock that is not held.
  yield* Effect.addFinalizer(() =>
    Effect.ignore(connection.executeRaw(`SELECT pg_advisory_unlock(${openingLock})`, []))
  )
  yield* Effect.timeoutFail(
    Effect.repeat(lock, { until: (isFree) => isFree === true, schedule: Schedule.spaced("50 millis") }),
    { duration: "1 minute", onTimeout: () => new Error("another process has been opening it for a minute") }
  )
})
