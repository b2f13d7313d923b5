/** Measures what it costs this process to write and to read a run. */
import { Effect } from "effect"
import { Redis } from "ioredis"
import type { RunStoreService } from "llm-connectivity/runs"
import { consume, createRun, writeOf } from "./runParties.js"

const chunksPerRead = 4

// What four small chunks are as one entry.
const entry = JSON.stringify(Array.from({ length: chunksPerRead }, (_, index) => ({ content: ` word${index}` })))

const entriesPerRun = 3000

// Until then V8 has compiled what every write runs; a producer of a service has run for longer.
const warmUpRuns = 3

const measuredRuns = 3

const cpu = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const before = process.cpuUsage()
    yield* effect
    const { user, system } = process.cpuUsage(before)
    return user + system
  })

/** Writes a run as the producer of `llm-connectivity/runs` does, one entry after the other, and ends it. */
const write = (store: RunStoreService, id: string) =>
  Effect.gen(function* () {
    for (let first = 1; first <= entriesPerRun; first++) yield* store.write(writeOf(id, first, [entry]))
    yield* store.write(writeOf(id, entriesPerRun + 1, [], "end"))
  })

const measure = (store: RunStoreService) =>
  Effect.gen(function* () {
    const id = yield* createRun(store)
    return { writing: yield* cpu(write(store, id)), reading: yield* cpu(consume(store, id)) }
  })

const perChunk = (micros: ReadonlyArray<number>) =>
  Number((Math.min(...micros) / entriesPerRun / chunksPerRead).toFixed(1))

/**
 * Gives microseconds of CPU per chunk at four chunks per read, for the producer and for a reader: the lowest of some runs,
 * as other work on the machine only adds to them.
 */
export const runCost = (store: RunStoreService) =>
  Effect.gen(function* () {
    for (let run = 0; run < warmUpRuns; run++) yield* write(store, yield* createRun(store))
    const runs = yield* Effect.forEach(Array.from({ length: measuredRuns }), () => measure(store))
    return { writing: perChunk(runs.map((run) => run.writing)), reading: perChunk(runs.map((run) => run.reading)) }
  })

/** Gives the same for a client of Redis alone, which appends the same entries to a stream with a command for each. */
export const clientCost = (url: string) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => new Redis(url)),
      (opened) => Effect.sync(() => opened.disconnect())
    )
    const append = Effect.promise(async () => {
      for (let count = 0; count < entriesPerRun; count++) await client.xadd("plain", "*", "t", entry)
    })
    for (let run = 0; run < warmUpRuns; run++) yield* append
    return perChunk(yield* Effect.forEach(Array.from({ length: measuredRuns }), () => cpu(append)))
  })
