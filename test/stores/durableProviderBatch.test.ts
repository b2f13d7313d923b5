/** Processes of durable batches that their providers run are killed at twenty moments; a stored sleep outlives its process. */
import { expect, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Stream, TestClock } from "effect"
import { Durable, DurableBatch } from "llm-connectivity/durable"
import { Simulator } from "llm-connectivity/testing"
import { scriptedProvider } from "../interop/durable/batch/scriptedProvider.js"
import { compile, runner, temporaryFile } from "./durable/processes.js"
import { printFigures } from "./machine.js"

const program = compile(new URL("durable/providerBatchProcess.ts", import.meta.url))

const batches = 5
const count = 350

// Each response about batches waits this long, so that a kill is likely to come between a request and its response.
const delayMillis = 30

// Anthropic's batches have no name by which a lost one is found.
const models = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"]

const isResult = (line: unknown): line is { readonly index: number } =>
  typeof line === "object" && line !== null && "index" in line

const counted = (pattern: RegExp) =>
  Effect.map(
    Simulator.requests,
    (requests) => requests.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length
  )

const uploads = counted(/^POST .*(?:files|messages\/batches)$/)
const creations = counted(/^POST .*batches$/)
const statuses = counted(/^GET .*batches\/\w+$/)
const downloads = counted(/^GET .*(?:content|results)$/)

const randomly = (upTo: number) => Effect.suspend(() => Effect.sleep(Math.random() * upTo))

/** Waits for one more request of a kind, and then some time. */
const after = <E, R>(requests: Effect.Effect<number, E, R>, upTo: number) =>
  Effect.flatMap(requests, (before) =>
    Effect.zipRight(Effect.repeat(Effect.delay(requests, "1 millis"), { until: (now) => now > before }), randomly(upTo))
  )

it.scopedLive(
  "a durable batch is submitted once and loses nothing, although its process is killed 20 times",
  () =>
    Effect.gen(function* () {
      const path = yield* temporaryFile
      const { environment } = yield* Simulator
      let kills = 0
      for (let batch = 0; batch < batches; batch++) {
        const id = `night-${batch}`
        const start = runner(program, environment, path, models[batch % models.length] ?? "", id, String(count))
        const killed = <E, R>(wait: (lines: ReadonlyArray<unknown>) => Effect.Effect<void, E, R>) =>
          Effect.gen(function* () {
            const life = yield* start
            yield* wait(life.lines)
            yield* Effect.promise(life.kill)
            kills++
          })
        const created = yield* creations
        yield* killed(() => after(uploads, 3 * delayMillis))
        yield* killed(() => after(statuses, 2 * delayMillis))
        yield* killed(() => after(downloads, 2 * delayMillis))
        yield* killed((lines) => Effect.repeat(randomly(1), { until: () => lines.some(isResult) }))
        const last = yield* start
        yield* Effect.promise(() => last.until((lines) => lines.includes("done")))
        expect(last.lines.filter(isResult).sort((one, other) => one.index - other.index)).toEqual(
          Array.from({ length: count }, (_, index) => ({ index, content: `Answer to ${id}, question ${index}` }))
        )
        expect(yield* creations).toBe(created + 1)
      }
      printFigures("a provider's batch", { kills, created: yield* creations, downloads: yield* downloads })
      expect([kills, yield* creations]).toEqual([20, batches])
      // Kills in the middle of downloads: each begins once more.
      expect(yield* downloads).toBeGreaterThan(batches)
    }).pipe(
      Effect.provide(
        Simulator.layer({
          pace: 0,
          batches: { delay: `${delayMillis} millis`, polls: 3 },
          remembers: 100_000,
          script: ({ body }) => ({ content: `Answer to ${/night-\d+, question \d+/.exec(JSON.stringify(body))?.[0]}` })
        })
      )
    ),
  240_000
)

it.scoped("a sleep between two questions goes on in the next process", () =>
  Effect.gen(function* () {
    const path = yield* temporaryFile
    const provider = scriptedProvider({ isEnded: (now) => now >= 60_000 })
    const batch = DurableBatch.make("test", { path: provider.layer, every: "90 seconds" })
    /** Lets the clock go on in one process; each of its seconds costs some real milliseconds. */
    const life = (until: (now: number, results: number) => boolean) =>
      Effect.gen(function* () {
        let results = 0
        const count = Effect.sync(() => results++)
        const running = yield* Effect.fork(Stream.runForEach(batch.run("night", ["a", "b"]), () => count))
        while (!until(yield* Clock.currentTimeMillis, results)) yield* TestClock.adjust("5 seconds")
        yield* Fiber.interrupt(running)
      }).pipe(Effect.provide(Layer.provideMerge(batch.layer, Durable.sqlite(path))))
    yield* life((now) => now >= 30_000 && provider.asked.length > 0)
    expect(provider.asked).toHaveLength(1)
    yield* life((_, results) => results === 2)
    const [first = 0, second = 0] = provider.asked
    expect(second - first).toBeGreaterThanOrEqual(90_000)
    expect(second - first).toBeLessThanOrEqual(105_000)
    expect([provider.asked.length, provider.calls]).toEqual([2, { submissions: 1, downloads: 1 }])
  })
)

it.scopedLive("a process that runs nothing starts a batch, and reads what the runner has stored", () =>
  Effect.gen(function* () {
    const path = yield* temporaryFile
    const provider = scriptedProvider({})
    const batch = DurableBatch.make("test", { path: provider.layer, every: "5 millis" })
    const runner = yield* Effect.fork(Layer.launch(Layer.provide(batch.layer, Durable.sqlite(path))))
    const prompts = Array.from({ length: 250 }, (_, index) => `Question ${index}`)
    const [results, { state }] = yield* Effect.all([
      Stream.runCollect(batch.run("night", prompts)),
      batch.status("night")
    ]).pipe(Effect.provide(Durable.sqliteClient(path)))
    expect([results.length, new Set(Array.from(results, ({ index }) => index)).size]).toEqual([250, 250])
    expect([state, provider.calls]).toEqual(["ended", { submissions: 1, downloads: 1 }])
    yield* Fiber.interrupt(runner)
  })
)
