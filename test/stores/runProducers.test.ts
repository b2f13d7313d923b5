/** Runs whose producer is killed, stopped by another process or shut down, or loses its store for a while. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { newRunId, readRun, stopRun } from "llm-connectivity/browser"
import { Simulator } from "llm-connectivity/testing"
import { expectTime, printFigures } from "./machine.js"
import { postgresServer } from "./postgresServer.js"
import { redisServer } from "./redisServer.js"
import { begin, read } from "./runs/pages.js"
import { type ServiceProcess, service, stores, withProvider } from "./runs/service.js"

const serviceOf = service()
const leaseMillis = 1000

const numbers = Array.from({ length: 600 }, (_, index) => `${index} `)
const answer = withProvider(() => ({ chunks: numbers, pace: 5 }))

/** Starts a process with a run and kills it; gives how long a reader of another process waited for the end. */
const killedAfterStart = (store: string, other: ServiceProcess) =>
  Effect.gen(function* () {
    const producer = yield* serviceOf(store, leaseMillis)
    const id = newRunId()
    yield* Effect.promise(() => begin(`${producer.url}/${id}`))
    const reading = read(readRun(`${other.url}/${id}`, { retryDelay: 4 }))
    yield* Effect.sleep(Math.random() * 500)
    const killedAt = performance.now()
    yield* Effect.promise(producer.kill)
    const { text, error, endedAt } = yield* Effect.promise(() => reading)
    expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
    expect(numbers.join("").startsWith(text)).toBe(true)
    return Math.round(endedAt - killedAt)
  }).pipe(Effect.scoped)

const statusOf = (url: string) => Effect.promise(async () => (await fetch(`${url}/status`)).json())

const median = (values: ReadonlyArray<number>) => values.toSorted((one, other) => one - other)[values.length >> 1]

for (const [name, store] of Object.entries(stores)) {
  describe(`runs in ${name}`, () => {
    it.scopedLive("end as truncated, within the lease and a second, when their process is killed: 20 of 20", () =>
      Effect.gen(function* () {
        const address = yield* store
        const other = yield* serviceOf(address, leaseMillis)
        const killing = Array.from({ length: 20 }, () => killedAfterStart(address, other))
        const millis = yield* Effect.all(killing, { concurrency: 4 })
        const slowest = Math.max(...millis)
        printFigures(`killed producers over ${name}`, { kills: 20, leaseMillis, median: median(millis), slowest })
        expectTime(`the slowest end over ${name}, milliseconds`, slowest, leaseMillis + 1000)
      }).pipe(answer)
    )

    it.scopedLive("are stopped by another process, which closes the provider's socket and keeps text and usage", () =>
      Effect.gen(function* () {
        const address = yield* store
        const [producer, other] = yield* Effect.all([serviceOf(address), serviceOf(address)], { concurrency: 2 })
        const millis: Array<number> = []
        for (let count = 0; count < 10; count++) {
          const id = newRunId()
          yield* Effect.promise(() => begin(`${producer.url}/${id}`, "3 "))
          const reading = read(readRun(`${other.url}/${id}`))
          yield* Effect.sleep(Math.random() * 300)
          const begun = performance.now()
          yield* Effect.promise(() => stopRun(`${other.url}/${id}`))
          const request = (yield* Simulator.requests).at(-1)
          expect(yield* request?.closed ?? Effect.die("no request")).toMatchObject({ closedBy: "caller" })
          millis.push(Math.round(performance.now() - begun))
          expect(yield* Effect.promise(() => reading)).toMatchObject({ text: "1 2 3 ", error: { reason: "Stopped" } })
          const usage = { inputTokens: expect.any(Number) }
          expect(yield* statusOf(`${other.url}/${id}`)).toMatchObject({ state: "stopped", usage })
        }
        const slowest = Math.max(...millis)
        printFigures(`stops over ${name}`, { median: median(millis), slowest })
        expectTime(`the median stop over ${name}, milliseconds`, median(millis) ?? Number.NaN, 100)
      }).pipe(withProvider(() => ({ chunks: ["1 ", "2 ", "3 ", "4 "], fault: { type: "stall", afterChunks: 3 } })))
    )

    it.scopedLive("are recorded as interrupted by a process that is shut down before they end", () =>
      Effect.gen(function* () {
        const address = yield* store
        const [producer, other] = yield* Effect.all([serviceOf(address), serviceOf(address)], { concurrency: 2 })
        const id = newRunId()
        yield* Effect.promise(() => begin(`${producer.url}/${id}`))
        const reading = read(readRun(`${other.url}/${id}`))
        yield* Effect.promise(producer.terminate)
        const { text, error } = yield* Effect.promise(() => reading)
        expect(error).toMatchObject({ _tag: "NetworkError", reason: "Truncated" })
        expect(numbers.join("").startsWith(text)).toBe(true)
        expect(yield* statusOf(`${other.url}/${id}`)).toMatchObject({ state: "interrupted" })
      }).pipe(answer)
    )
  })
}

/** Stores that keep on a disk what they have confirmed, and how each is restarted. */
const restartable = {
  Redis: Effect.tap(redisServer, (redis) => Effect.promise(() => redis.command("config", "set", "appendonly", "yes"))),
  PostgreSQL: postgresServer
}

for (const [name, store] of Object.entries(restartable)) {
  it.scopedLive(`runs go on for their readers when ${name} crashes and starts again with its data`, () =>
    Effect.gen(function* () {
      const { url, restart } = yield* store
      const [producer, other] = yield* Effect.all([serviceOf(url), serviceOf(url)], { concurrency: 2 })
      const ids = Array.from({ length: 5 }, newRunId)
      yield* Effect.promise(() => Promise.all(ids.map((id) => begin(`${producer.url}/${id}`))))
      const readings = ids.map((id) => read(readRun(`${other.url}/${id}`, { retryDelay: 4 })))
      yield* Effect.sleep("500 millis")
      const restarting = yield* Effect.fork(Effect.timed(Effect.promise(restart)))
      const results = yield* Effect.timeout(
        Effect.promise(() => Promise.all(readings)),
        "60 seconds"
      )
      const [took] = yield* Fiber.join(restarting)
      const requests = (yield* Simulator.requests).length
      printFigures(`${name} restarted in mid-run`, { runs: ids.length, requests, took: String(took) })
      for (const { text, error } of results) expect([error?.message, text]).toEqual([undefined, numbers.join("")])
      expect(requests).toBe(ids.length)
    }).pipe(answer)
  )
}
