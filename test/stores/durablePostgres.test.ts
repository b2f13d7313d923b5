import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { Durable } from "llm-connectivity/durable"
import { Simulator } from "llm-connectivity/testing"
import { compile, countingProvider, runner } from "./durable/processes.js"
import { expectTime, printFigures } from "./machine.js"
import { freePort } from "./ports.js"
import { postgresServer } from "./postgresServer.js"

const concurrency = 8
const count = 300

/** The longest time after a kill in which no prompt was sent. What a busy machine needs for the rest is not part of it. */
const takeoverAfter = (killedAt: number, requestTimes: ReadonlyArray<number>): number => {
  const times = [killedAt, ...requestTimes.filter((time) => time > killedAt)]
  return Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)))
}

const program = compile(new URL("durable/batchProcess.ts", import.meta.url))
const providerProgram = compile(new URL("durable/providerBatchProcess.ts", import.meta.url))

const isReady = (lines: ReadonlyArray<unknown>) => lines.includes("ready")
const isDone = (lines: ReadonlyArray<unknown>) => lines.includes("done")

it.scopedLive("three runners and a client open an empty database at once", () =>
  Effect.gen(function* () {
    const postgres = yield* postgresServer
    const url = Redacted.make(postgres.url)
    const runner = Effect.flatMap(Effect.promise(freePort), (port) => Layer.build(Durable.postgres({ url, port })))
    const opened = [runner, Layer.build(Durable.postgresClient({ url })), runner, runner]
    expect(yield* Effect.all(opened, { concurrency: "unbounded" })).toHaveLength(4)
  })
)

describe("a durable batch in PostgreSQL", () => {
  it.scopedLive(
    "is answered by two runners after a third was killed, whose work they take over within 40 seconds",
    () =>
      Effect.gen(function* () {
        const postgres = yield* postgresServer
        const provider = yield* countingProvider(100)
        const start = Effect.gen(function* () {
          const port = yield* Effect.promise(freePort)
          return yield* runner(
            program,
            provider.environment,
            postgres.url,
            String(count),
            String(concurrency),
            String(port)
          )
        })
        const [first, second, third] = yield* Effect.all([start, start, start])
        const ready = [first, second, third].map((each) => each.until(isReady))
        yield* Effect.promise(() => Promise.all(ready))
        yield* Effect.promise(() => first.until((lines) => lines.length > count / 3))
        yield* Effect.promise(third.kill)
        const killedAt = performance.now()
        yield* Effect.promise(() => Promise.all([first.until(isDone), second.until(isDone)]))
        const all = performance.now() - killedAt
        const takeover = takeoverAfter(killedAt, provider.requestTimes)
        printFigures("takeover", { aim: 40_000, takeover, all, requests: provider.requestTimes.length })
        for (const { lines } of [first, second]) {
          expect(new Set(lines.slice(1, -1).map((line) => JSON.stringify(line)))).toEqual(
            new Set(Array.from({ length: count }, (_, index) => JSON.stringify({ index, content: `PROMPT ${index}` })))
          )
        }
        expectTime("takeover, milliseconds", takeover, 40_000)
        // One more for each call in flight. A runner without a core for five seconds loses its locks, and others repeat.
        expect(provider.requestTimes.length).toBeLessThanOrEqual(count + 3 * concurrency)
      }),
    { timeout: 400_000 }
  )

  it.scopedLive("is submitted once to its provider, and read by two runners", () =>
    Effect.gen(function* () {
      const postgres = yield* postgresServer
      const { environment } = yield* Simulator
      const start = Effect.gen(function* () {
        const port = yield* Effect.promise(freePort)
        const model = "anthropic/claude-haiku-4-5"
        return yield* runner(providerProgram, environment, postgres.url, model, "night", String(count), String(port))
      })
      for (const { lines, until } of yield* Effect.all([start, start])) {
        yield* Effect.promise(() => until(isDone))
        expect(new Set(lines.slice(1, -1).map((line) => JSON.stringify(line))).size).toBe(count)
      }
      const created = (yield* Simulator.requests).filter(({ path }) => path.endsWith("/batches"))
      expect(created).toHaveLength(1)
    }).pipe(Effect.provide(Simulator.layer({ pace: 0 })))
  )
})
