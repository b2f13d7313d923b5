import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Schedule } from "effect"
import { Redis } from "llm-connectivity/redis"
import { RunStore } from "llm-connectivity/runs"
import { cuttableProxy } from "./cuttableProxy.js"
import { printFigures } from "./machine.js"
import { redisServer } from "./redisServer.js"
import { consume, createRun, leaseMillis, produce, retentionMillis, writeOf } from "./runParties.js"

const openStore = (url: string) =>
  Effect.map(Layer.build(Layer.fresh(Redis.runStore({ url }))), (context) => Context.get(context, RunStore))

const textsOf = (count: number) => Array.from({ length: count }, (_, index) => `entry ${index}`)

describe("runs in Redis", () => {
  it.scopedLive("lose, repeat and reorder nothing while the connections of producer and reader are cut 60 times", () =>
    Effect.gen(function* () {
      const proxy = yield* cuttableProxy((yield* redisServer).port)
      const url = `redis://127.0.0.1:${proxy.port}`
      const [producer, reader] = [yield* openStore(url), yield* openStore(url)]
      const id = yield* createRun(producer)
      const texts = textsOf(2500)
      const reading = yield* Effect.fork(consume(reader, id))
      const writing = yield* Effect.fork(produce(producer, id, texts, Effect.sleep("2 millis")))
      let cuts = 0
      const cutting = Effect.delay(
        Effect.sync(() => {
          // Both have at least the connection for their scripts.
          if (proxy.cut() >= 2) cuts += 1
        }),
        "70 millis"
      )
      yield* Effect.repeat(cutting, { until: () => cuts >= 60 })
      const written = yield* Fiber.join(writing)
      const read = yield* Fiber.join(reading)
      printFigures("cut connections", { cuts, failures: written.failures, reads: read.reads })
      expect(written.outcome).toBe("written")
      expect(written.failures).toBeGreaterThan(20)
      expect(read.texts).toEqual(texts)
    })
  )

  it.scopedLive("go on after a restart of a server that writes to a disk", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      yield* Effect.promise(() => server.command("config", "set", "appendonly", "yes"))
      const [producer, reader] = [yield* openStore(server.url), yield* openStore(server.url)]
      const id = yield* createRun(producer)
      const texts = textsOf(1500)
      const reading = yield* Effect.fork(consume(reader, id))
      const writing = yield* Effect.fork(produce(producer, id, texts, Effect.sleep("2 millis")))
      yield* Effect.sleep("1500 millis")
      yield* Effect.promise(() => server.restart())
      const written = yield* Effect.timeout(Fiber.join(writing), "60 seconds")
      const read = yield* Effect.timeout(Fiber.join(reading), "60 seconds")
      printFigures("restart", { failures: written.failures, reads: read.reads })
      expect(written.outcome).toBe("written")
      expect(written.failures).toBeGreaterThan(0)
      expect(read.texts).toEqual(texts)
    })
  )

  it.scopedLive("end, typed, when the server has lost them", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const [producer, reader] = [yield* openStore(server.url), yield* openStore(server.url)]
      const id = yield* createRun(producer)
      const reading = yield* Effect.fork(Effect.flip(consume(reader, id)))
      const writing = yield* Effect.fork(produce(producer, id, textsOf(5000), Effect.sleep("2 millis")))
      yield* Effect.sleep("500 millis")
      yield* Effect.promise(() => server.restart())
      expect((yield* Effect.timeout(Fiber.join(writing), "60 seconds")).outcome).toBe("refused")
      expect(yield* Effect.timeout(Fiber.join(reading), "60 seconds")).toBe("gone")
    })
  )

  it.scopedLive("fail, typed and in bounded time, while the server is down or hangs", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const layer = Redis.runStore({ url: server.url, commandTimeout: "1 second" })
      const store = Context.get(yield* Layer.build(layer), RunStore)
      const id = yield* createRun(store)
      yield* Effect.sync(server.pause)
      expect((yield* Effect.flip(store.find(id))).reason).toContain("1000 ms")
      yield* Effect.sync(server.resume)
      yield* Effect.promise(server.stop)
      expect((yield* Effect.flip(store.find(id)))._tag).toBe("StateUnavailable")
      yield* Effect.promise(server.start)
      const found = yield* Effect.retry(store.find(id), Schedule.spaced("100 millis"))
      expect(found).toBeUndefined()
    })
  )

  it.scopedLive("have keys that all expire, in one slot for each run", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const store = yield* openStore(server.url)
      const id = yield* createRun(store, "ada")
      const lefts = Effect.promise(async () => {
        const keys = (await server.command("keys", "*")).split("\n").toSorted()
        expect(keys).toEqual([`llm:{run:${id}}:log`, `llm:{run:${id}}:meta`, "llm:{runs:ada}"])
        return Promise.all(keys.map(async (key) => Number(await server.command("pttl", key))))
      })
      yield* store.write(writeOf(id, 1, ["entry 0"]))
      for (const left of yield* lefts) expect(left).toBeGreaterThan(leaseMillis + retentionMillis)
      for (const left of (yield* lefts).slice(0, 2)) expect(left).toBeLessThanOrEqual(2 * leaseMillis + retentionMillis)
      yield* produce(store, id, textsOf(3))
      for (const left of (yield* lefts).slice(0, 2)) expect(left).toBeLessThanOrEqual(retentionMillis)
      for (const left of yield* lefts) expect(left).toBeGreaterThan(0)
    })
  )

  it.scopedLive("are listed for their owner as long as they are written, and in bounded number", () =>
    Effect.gen(function* () {
      const server = yield* redisServer
      const store = yield* openStore(server.url)
      const times = { leaseMillis: 1000, retentionMillis: 1000 }
      yield* store.create({ id: "long", owner: "ada", digest: "", ...times })
      for (let beat = 0; beat < 8; beat++) {
        yield* store.write({ id: "long", epoch: 1, first: 1, entries: [], ...times })
        yield* Effect.sleep("400 millis")
      }
      expect((yield* store.list("ada", 10)).map(({ id }) => id)).toEqual(["long"])
      yield* Effect.forEach(Array.from({ length: 1100 }), () => createRun(store, "eve"), { concurrency: 50 })
      expect(yield* Effect.promise(() => server.command("zcard", "llm:{runs:eve}"))).toBe("1000")
      expect(yield* store.list("eve", 30)).toHaveLength(30)
    })
  )
})
