import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { compile, countingProvider, runner, temporaryFile } from "./durable/processes.js"
import { expectTime, printFigures } from "./machine.js"

const concurrency = 8

const program = compile(new URL("durable/batchProcess.ts", import.meta.url))

describe("a durable batch in SQLite", () => {
  it.scopedLive(
    "answers 500 prompts although its process is killed 20 times",
    () =>
      Effect.gen(function* () {
        const path = yield* temporaryFile
        const provider = yield* countingProvider(20)
        const resumed: Array<number> = []
        let kills = 0
        for (; kills < 20; kills++) {
          const started = yield* runner(program, provider.environment, path, "500", String(concurrency))
          // New results after those that are read again, so that each life ends at another point.
          const before = provider.requestTimes.length
          const more = 1 + Math.floor(Math.random() * 30)
          yield* Effect.promise(() =>
            started.until(
              (lines) => lines.includes("done") || (lines.length > 1 && provider.requestTimes.length >= before + more)
            )
          )
          const first = provider.requestTimes[before]
          // All may have been answered already.
          if (kills > 0 && first !== undefined) resumed.push(first - started.readyAt())
          yield* Effect.promise(started.kill)
        }
        const last = yield* runner(program, provider.environment, path, "500", String(concurrency))
        yield* Effect.promise(() => last.until((lines) => lines.includes("done")))
        const slowest = Math.round(Math.max(...resumed))
        printFigures("500 prompts", { kills, requests: provider.requestTimes.length, slowestResumption: slowest })
        const answers = last.lines.slice(1, -1)
        expect(new Set(answers.map((line) => JSON.stringify(line)))).toEqual(
          new Set(Array.from({ length: 500 }, (_, index) => JSON.stringify({ index, content: `PROMPT ${index}` })))
        )
        expect(provider.requestTimes.length).toBeLessThanOrEqual(500 + kills * concurrency)
        expect(resumed.length).toBeGreaterThan(5)
        expectTime("the slowest resumption, milliseconds", slowest, 2000)
      }),
    180_000
  )

  it.scopedLive("refuses a second process on the same file, and admits one after the first was killed", () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      const provider = yield* countingProvider(10_000)
      const first = yield* runner(program, provider.environment, path, "1")
      yield* Effect.promise(() => first.until((lines) => lines.includes("ready")))
      const second = yield* runner(program, provider.environment, path, "1")
      yield* Effect.promise(() => second.until((lines) => lines.length > 0))
      expect(second.lines).toMatchObject([{ error: "Locked" }])
      yield* Effect.promise(first.kill)
      const third = yield* runner(program, provider.environment, path, "1")
      yield* Effect.promise(() => third.until((lines) => lines.length > 0))
      expect(third.lines).toEqual(["ready"])
    })
  )
})
