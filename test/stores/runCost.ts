/** Measures what it costs this process to write and to read a run. */
import { Effect } from "effect"
import type { RunStoreService } from "llm-connectivity/runs"
import { consume, createRun, produce } from "./runParties.js"

const chunksPerRead = 4

// What four small chunks are as one entry.
const entry = JSON.stringify(Array.from({ length: chunksPerRead }, (_, index) => ({ content: ` word${index}` })))

const cpu = <A, E>(effect: Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const before = process.cpuUsage()
    yield* effect
    const { user, system } = process.cpuUsage(before)
    return user + system
  })

/** Gives microseconds of CPU per chunk at four chunks per read, for the producer and for a reader. */
export const runCost = (store: RunStoreService) =>
  Effect.gen(function* () {
    const entries = Array.from({ length: 3000 }, () => entry)
    yield* produce(store, yield* createRun(store), entries)
    const id = yield* createRun(store)
    const writing = yield* cpu(produce(store, id, entries))
    const reading = yield* cpu(consume(store, id))
    const perChunk = (micros: number) => Number((micros / entries.length / chunksPerRead).toFixed(1))
    return { writing: perChunk(writing), reading: perChunk(reading) }
  })
