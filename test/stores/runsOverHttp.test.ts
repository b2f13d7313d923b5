/** Runs over real HTTP, in two processes over one store, while sockets break and readers are killed. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { newRunId, startRun } from "llm-connectivity/browser"
import { Simulator } from "llm-connectivity/testing"
import { cuttableProxy } from "./cuttableProxy.js"
import { printFigures } from "./machine.js"
import { compile, runner } from "./processes.js"
import { asking, begin, read } from "./runs/pages.js"
import { service, stores, withProvider } from "./runs/service.js"

const serviceOf = service()
const reader = compile(new URL("runs/reader.ts", import.meta.url))

const numbers = Array.from({ length: 600 }, (_, index) => `${index} `)
const answer = withProvider(() => ({ chunks: numbers, pace: 5 }))

/** Reads a run to its end by processes, each of which is killed and continued by the next one. */
const readByProcesses = (url: string) =>
  Effect.gen(function* () {
    let text = ""
    let position = ""
    for (let kills = 0; ; kills++) {
      const process = yield* runner(reader, {}, url, position)
      const enough = 1 + Math.floor(Math.random() * 80)
      yield* Effect.promise(() => process.until((lines) => lines.includes("done") || lines.length > enough))
      yield* Effect.promise(process.kill)
      for (const line of process.lines) {
        if (!Array.isArray(line)) return { text, kills }
        position = String(line[0])
        text += String(line[1])
      }
    }
  }).pipe(Effect.scoped)

for (const [name, store] of Object.entries(stores)) {
  describe(`runs in ${name}`, () => {
    it.scopedLive("are read without a gap or a repetition over 200 sockets that are destroyed", () =>
      Effect.gen(function* () {
        const address = yield* store
        const servers = yield* Effect.all([serviceOf(address), serviceOf(address)], { concurrency: 2 })
        const proxy = yield* cuttableProxy(...servers.map(({ port }) => port))
        const url = `http://127.0.0.1:${proxy.port}/runs`
        let begun = 0
        const pages = Array.from({ length: 10 }, () => {
          let isBegun = false
          return read(startRun(`${url}/${newRunId()}`, asking), (text) => {
            if (!isBegun && text !== "") begun++
            isBegun ||= text !== ""
          })
        })
        let sockets = 0
        const cutting = Effect.delay(
          Effect.sync(() => {
            if (begun === pages.length) sockets += proxy.cut()
          }),
          "80 millis"
        )
        yield* Effect.repeat(cutting, { until: () => sockets >= 200 })
        const results = yield* Effect.promise(() => Promise.all(pages))
        for (const { text, error } of results) expect([error?.message, text]).toEqual([undefined, numbers.join("")])
        const requests = (yield* Simulator.requests).length
        printFigures(`destroyed sockets over ${name}`, { sockets, runs: pages.length, requests })
        expect(requests).toBe(pages.length)
      }).pipe(answer)
    )

    it.scopedLive("are read without a gap or a repetition by 20 processes that are killed", () =>
      Effect.gen(function* () {
        const address = yield* store
        const [producer, other] = yield* Effect.all([serviceOf(address), serviceOf(address)], { concurrency: 2 })
        let [runs, kills] = [0, 0]
        const reading = Effect.gen(function* () {
          while (kills < 20) {
            const id = newRunId()
            runs++
            yield* Effect.promise(() => begin(`${producer.url}/${id}`))
            const result = yield* readByProcesses(`${other.url}/${id}`)
            expect(result.text).toBe(numbers.join(""))
            kills += result.kills
          }
        })
        yield* Effect.all([reading, reading], { concurrency: 2 })
        const requests = (yield* Simulator.requests).length
        printFigures(`killed readers over ${name}`, { kills, runs, requests })
        expect(requests).toBe(runs)
      }).pipe(answer)
    )
  })
}
