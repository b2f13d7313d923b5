import { SqlClient } from "@effect/sql"
import { describe, expect, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Schedule, type Scope } from "effect"
import { ResponseCache } from "llm-connectivity"
import { RunStore } from "llm-connectivity/runs"
import { Sql } from "llm-connectivity/sql"
import { type Connect, connectTo, postgres, sqlite } from "./databases.js"
import { expectTime } from "./machine.js"
import { postgresServer } from "./postgresServer.js"
import { consume, createRun, produce } from "./runParties.js"

/** A store with a connection of its own, as another process has it. */
const openStore = (connect: Connect) =>
  Effect.map(Layer.build(Layer.provide(Sql.runStore, connect())), (context) => Context.get(context, RunStore))

const textsOf = (count: number) => Array.from({ length: count }, (_, index) => `entry ${index}`)

const query = (connect: Connect, text: string) =>
  Effect.provide(
    Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<{ readonly count: number | string }>(text)),
    connect()
  )

const databases: { readonly [name: string]: Effect.Effect<Connect, never, Scope.Scope> } = {
  SQLite: sqlite,
  PostgreSQL: postgres
}

for (const [name, database] of Object.entries(databases)) {
  describe(`stores in ${name}`, () => {
    it.scopedLive("give every reader elsewhere every entry once and in order, and the end", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const [producer, reader] = [yield* openStore(connect), yield* openStore(connect)]
        const id = yield* createRun(producer)
        const texts = textsOf(400)
        const readers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(consume(reader, id)))
        yield* produce(producer, id, texts, Effect.sleep("2 millis"))
        for (const each of readers) expect((yield* Fiber.join(each)).texts).toEqual(texts)
      })
    )

    it.scopedLive("tell a producer elsewhere of a stop within 100 ms, also after a pause", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const [producer, other] = [yield* openStore(connect), yield* openStore(connect)]
        const id = yield* createRun(producer)
        const stopped = yield* Effect.makeLatch(false)
        yield* producer.watch(id, "stop", () =>
          Effect.runSync(Effect.whenEffect(stopped.open, Effect.succeed(isAsked)).pipe(Effect.asVoid))
        )
        let isAsked = false
        yield* Effect.sleep("1 second")
        isAsked = true
        yield* other.requestStop(id)
        const [took] = yield* Effect.timed(stopped.await)
        expectTime(`a stop over ${name}, milliseconds`, Duration.toMillis(took), 100)
      })
    )

    it.scopedLive("do not make a producer look for stops after its own writes, whose replies tell it", () =>
      Effect.gen(function* () {
        const [producer, other] = yield* Effect.flatMap(database, (connect) =>
          Effect.all([openStore(connect), openStore(connect)])
        )
        const id = yield* createRun(producer)
        let looks = 0
        yield* producer.watch(id, "stop", () => looks++)
        // The first query of a watch is one. After 20 ms without a reply, as on a busy machine, it looks itself.
        let [allowed, last] = [1, performance.now()]
        const noteGap = Effect.sync(() => {
          const now = performance.now()
          allowed += Math.floor((now - last) / 20)
          last = now
        })
        yield* produce(producer, id, textsOf(100), Effect.zipRight(noteGap, Effect.sleep("1 millis")))
        expect(looks).toBeLessThanOrEqual(allowed)
        const stopped = yield* createRun(producer)
        yield* other.requestStop(stopped)
        const write = { id: stopped, epoch: 1, first: 1, entries: ["a"], leaseMillis: 5000, retentionMillis: 5000 }
        expect(yield* producer.write(write)).toEqual({ type: "written", isStopRequested: true })
      })
    )

    it.scopedLive("show nothing of a producer whose run another process has ended", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const [zombie, other] = [yield* openStore(connect), yield* openStore(connect)]
        const write = { id: "run", epoch: 1, first: 1, leaseMillis: 1, retentionMillis: 60_000 }
        yield* zombie.create({ ...write, owner: "", digest: "" })
        yield* zombie.write({ ...write, entries: ["a"] })
        yield* Effect.sleep("20 millis")
        yield* other.expire("run", "lost")
        expect(yield* zombie.write({ ...write, first: 2, entries: ["b"] })).toEqual({ type: "refused" })
        const page = yield* other.read("run", { epoch: 0, sequence: 0 }, 10)
        expect(page?.entries.map(({ text }) => text)).toEqual(["a"])
        expect(page?.record.end).toBe("lost")
      })
    )

    it.scopedLive("make their tables when eight processes start at once, and delete what is no longer kept", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const stores = yield* Effect.forEach(textsOf(8), () => openStore(connect), { concurrency: "unbounded" })
        const times = { leaseMillis: 1, retentionMillis: 50 }
        for (const [index, store] of stores.entries()) {
          yield* store.create({ id: `run-${index}`, owner: "", digest: "", ...times })
          yield* store.write({ id: `run-${index}`, epoch: 1, first: 1, entries: ["a"], end: "end", ...times })
        }
        yield* Effect.sleep("100 millis")
        yield* openStore(connect)
        const isEmpty = Effect.map(
          query(connect, "SELECT (SELECT COUNT(*) FROM llm_runs) + (SELECT COUNT(*) FROM llm_run_entries) AS count"),
          ([row]) => Number(row?.count) === 0
        )
        yield* Effect.repeat(isEmpty, { until: (empty) => empty, schedule: Schedule.spaced("20 millis") }).pipe(
          Effect.timeout("50 seconds")
        )
      })
    )

    it.scopedLive("let an approval be used once, by twenty callers in two processes and after a restart", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const open = Effect.flatMap(Layer.build(connect()), (context) => Effect.provide(Sql.approvalStore, context))
        const stores = [yield* open, yield* open]
        const expiresAt = Date.now() + 60_000
        const uses = yield* Effect.forEach(
          textsOf(20).flatMap(() => stores),
          (store) => store.consume("approval", expiresAt),
          { concurrency: "unbounded" }
        )
        expect(uses.filter((isFirst) => isFirst)).toHaveLength(1)
        const restarted = yield* open
        expect(yield* restarted.consume("approval", expiresAt)).toBe(false)
        expect(yield* restarted.consume("another", expiresAt)).toBe(true)
      })
    )

    it.scopedLive("share cached responses until they expire", () =>
      Effect.gen(function* () {
        const connect = yield* database
        const open = Effect.map(Layer.build(Layer.provide(Sql.responseCache, connect())), (context) =>
          Context.get(context, ResponseCache)
        )
        const [one, other] = [yield* open, yield* open]
        yield* one.set("key", "old", 60_000)
        yield* one.set("key", "new", 2000)
        expect(yield* other.get("key")).toBe("new")
        yield* Effect.sleep("2100 millis")
        expect(yield* other.get("key")).toBeUndefined()
      })
    )
  })
}

describe("runs in PostgreSQL", () => {
  it.scopedLive("fail, typed, while the server is down, and go on after its restart without a gap", () =>
    Effect.gen(function* () {
      const server = yield* postgresServer
      const connect = connectTo(server.url)
      const [producer, reader] = [yield* openStore(connect), yield* openStore(connect)]
      const id = yield* createRun(producer)
      const texts = textsOf(600)
      const reading = yield* Effect.fork(consume(reader, id))
      const writing = yield* Effect.fork(produce(producer, id, texts, Effect.sleep("2 millis")))
      yield* Effect.sleep("500 millis")
      yield* Effect.promise(server.stop)
      expect((yield* Effect.flip(reader.find(id)))._tag).toBe("StateUnavailable")
      yield* Effect.promise(server.start)
      const written = yield* Effect.timeout(Fiber.join(writing), "60 seconds")
      const read = yield* Effect.timeout(Fiber.join(reading), "60 seconds")
      expect(written.failures).toBeGreaterThan(0)
      expect(read.texts).toEqual(texts)
    })
  )
})
