import { SqlClient } from "@effect/sql"
import { describe, expect, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, TestClock } from "effect"
import { oneAtATime } from "../../../src/interop/durable/openingLock.js"
import { withQuickClock } from "../../support/quickClock.js"

class Tables extends Context.Tag("test/Tables")<Tables, string>() {}

/** A database whose lock another process holds until `isFree`. */
const database = (isFree: () => boolean) => {
  const statements: Array<string> = []
  const connection = {
    executeValues: (sql: string) => Effect.sync(() => [[statements.push(sql) > 0 && isFree()]]),
    executeRaw: (sql: string) => Effect.sync(() => statements.push(sql))
  }
  // The lock uses nothing else of a client.
  const client = { reserve: Effect.succeed(connection) } as unknown as SqlClient.SqlClient
  return { statements, layer: Layer.succeed(SqlClient.SqlClient, client) }
}

describe("opening a database that another process is opening", () => {
  it.effect("waits for it", () =>
    Effect.gen(function* () {
      const isClosed = yield* Deferred.make<void>()
      const { layer, statements } = database(() => Effect.runSync(Deferred.isDone(isClosed)))
      const opening = yield* Effect.fork(
        Effect.scoped(Layer.build(Layer.provide(oneAtATime(Layer.succeed(Tables, "made")), layer)))
      )
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.poll(opening)).toMatchObject({ _tag: "None" })
      yield* Deferred.succeed(isClosed, undefined)
      yield* TestClock.adjust("1 second")
      expect(Context.get(yield* Fiber.join(opening), Tables)).toBe("made")
      expect(statements.at(-1)).toContain("pg_advisory_unlock")
    }).pipe(withQuickClock)
  )

  it.effect("fails after a minute", () =>
    Effect.gen(function* () {
      const { layer } = database(() => false)
      const opening = yield* Layer.build(Layer.provide(oneAtATime(Layer.empty), layer)).pipe(
        Effect.scoped,
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(opening)).toMatchObject({ message: "another process has been opening it for a minute" })
    }).pipe(withQuickClock)
  )
})
