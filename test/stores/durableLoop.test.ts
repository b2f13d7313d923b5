import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { compile, countingProvider, runner, temporaryFile } from "./durable/processes.js"
import { printFigures } from "./machine.js"

const program = compile(new URL("durable/loopProcess.ts", import.meta.url))

const calling = (...calls: ReadonlyArray<{ readonly name: string; readonly arguments: string }>) => ({
  tool_calls: calls.map((call, index) => ({ id: `call-${index}`, type: "function", function: call }))
})

const countingSteps = 15

/** Calls `count` twice in each step, then ends. */
const countOn = (messages: ReadonlyArray<{ readonly role: string }>) => {
  const step = messages.filter(({ role }) => role === "assistant").length
  if (step === countingSteps) return { content: "Done" }
  const counts = [2 * step, 2 * step + 1].map((to) => ({ name: "count", arguments: JSON.stringify({ to }) }))
  return calling(...counts)
}

const refundAtOnce = ([, second]: ReadonlyArray<unknown>) =>
  second === undefined ? calling({ name: "refund", arguments: "{}" }) : { content: "Done" }

const linesOf = (log: string): ReadonlyArray<string> =>
  existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []

const isDone = (lines: ReadonlyArray<unknown>) => JSON.stringify(lines).includes("Done")
const isWaiting = (lines: ReadonlyArray<unknown>) => JSON.stringify(lines).includes("waiting")

describe("a durable loop in SQLite", () => {
  it.scopedLive(
    "repeats no finished model call and no finished tool although its process is killed 10 times",
    () =>
      Effect.gen(function* () {
        const path = yield* temporaryFile
        const log = `${path}.log`
        const provider = yield* countingProvider(10, countOn)
        const work = () => provider.requestTimes.length + linesOf(log).length
        let kills = 0
        for (; kills < 10; kills++) {
          const started = yield* runner(program, provider.environment, path, "run", log)
          const target = work() + 1 + Math.floor(Math.random() * 4)
          yield* Effect.repeat(Effect.sleep("2 millis"), { until: () => work() >= target || isDone(started.lines) })
          yield* Effect.promise(started.kill)
        }
        const last = yield* runner(program, provider.environment, path, "run", log)
        yield* Effect.promise(() => last.until(isDone))
        const tools = linesOf(log)
        printFigures("durable loop", { kills, requests: provider.requestTimes.length, toolRuns: tools.length })
        expect(last.lines.at(-1)).toEqual({ content: "Done", endReason: "finished", steps: countingSteps + 1 })
        // A tool that runs again has the same id.
        expect(new Set(tools).size).toBe(2 * countingSteps)
        // One thing at a time is in progress, so each kill repeats at most one.
        expect(work()).toBeLessThanOrEqual(countingSteps + 1 + 2 * countingSteps + kills)
      }),
    180_000
  )

  for (const when of ["before", "after"] as const) {
    it.scopedLive(`runs a call that another process approved ${when} the runner was started again`, () =>
      Effect.gen(function* () {
        const path = yield* temporaryFile
        const log = `${path}.log`
        const provider = yield* countingProvider(10, refundAtOnce)
        const run = runner(program, provider.environment, path, "run", log)
        const first = yield* run
        yield* Effect.promise(() => first.until(isWaiting))
        yield* Effect.promise(first.kill)
        const restarted = when === "after" ? yield* run : undefined
        if (restarted !== undefined) yield* Effect.promise(() => restarted.until((lines) => lines.includes("ready")))
        const client = yield* runner(program, provider.environment, path, "decide")
        yield* Effect.promise(() => client.ended)
        expect(client.lines).toMatchObject([{ state: "waiting", waiting: [expect.any(String)] }])
        const second = restarted ?? (yield* run)
        yield* Effect.promise(() => second.until(isDone))
        expect(linesOf(log).length).toBe(1)
        expect(provider.requestTimes.length).toBe(2)
      })
    )
  }
})
