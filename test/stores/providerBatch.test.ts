/** A process that submits batches of a provider is killed between its requests, twenty times for each provider. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Simulator } from "llm-connectivity/testing"
import { printFigures } from "./machine.js"
import { compile, runner } from "./processes.js"

const program = compile(new URL("batchProcess.ts", import.meta.url))

const kills = 20

// Each response about batches waits this long, so that a kill is likely to come between a request and its response.
const delayMillis = 15

const models = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5", "google/gemini-2.5-flash"]

const creations = Effect.map(
  Simulator.requests,
  (requests) =>
    requests.filter(({ method, path }) => method === "POST" && /batches$|batchGenerateContent$/.test(path)).length
)

it.scopedLive.each(models)(
  "a batch of %s is submitted once, and loses nothing, however often its process is killed",
  (model) =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "llm-provider-batch-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const { environment } = yield* Simulator
      const start = (id: string) => runner(program, environment, folder, model, id)
      let killedEarly = 0
      for (let kill = 0; kill < kills; kill++) {
        const id = `night-${kill}`
        const first = yield* start(id)
        yield* Effect.promise(() => first.until((lines) => lines.includes("ready")))
        yield* Effect.sleep(`${Math.floor((kill * 8 * delayMillis) / kills)} millis`)
        yield* Effect.promise(first.kill)
        if (!first.lines.includes("done")) killedEarly++
        const second = yield* start(id)
        yield* Effect.promise(() => second.until((lines) => lines.includes("done")))
        const contents = second.lines.filter((line) => typeof line === "object" && line !== null && "id" in line)
        expect(contents).toHaveLength(6)
        expect(contents).toEqual(
          expect.arrayContaining(
            Array.from({ length: 6 }, (_, index) => ({
              id: `item-${index}`,
              content: `Answer to ${id}, question ${index}`
            }))
          )
        )
      }
      const created = yield* creations
      printFigures(model, { kills, killedEarly, created })
      expect(created).toBe(kills)
      expect(killedEarly).toBeGreaterThan(kills / 2)
    }).pipe(
      Effect.provide(
        Simulator.layer({
          pace: 0,
          batches: { delay: `${delayMillis} millis` },
          remembers: 10_000,
          script: ({ body }) => ({ content: `Answer to ${/night-\d+, question \d/.exec(JSON.stringify(body))?.[0]}` })
        })
      )
    )
)
