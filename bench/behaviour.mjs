/**
 * Runs this library and its peers, with default settings, against faults of the Simulator, and prints what callers see:
 *
 *   npm run bench:behaviour               takes under three minutes
 *   npm run bench:behaviour -- --write    also writes the table into docs/comparison.md
 *   npm run bench:behaviour -- --json     also prints the raw results
 */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { Simulator } from "../dist/testing/index.js"
import { readers } from "./behaviour/readers.mjs"
import { printedSecrets, scenarios } from "./behaviour/scenarios.mjs"
import { forMarkdown } from "./report/behaviour.mjs"
import { writeBlock } from "./report/block.mjs"

// Canaries: these texts occur nowhere else.
const apiKey = "sk-canary-4f1c9d2e7a"
const prompt = "Sing of the canary at noon"

// Console output of peers is not part of the result.
for (const name of ["warn", "error", "log"]) console[name] = () => {}
globalThis.AI_SDK_LOG_WARNINGS = false
process.on("unhandledRejection", () => {})

/** Reads a response until it ends, fails, is canceled or takes too long. */
const readOnce = (reader, simulator, { millis = 6000, cancels = false }) => {
  const texts = []
  const controller = new AbortController()
  const startedAt = performance.now()
  const seen = (end, error) => ({ texts, end, error, millis: performance.now() - startedAt })
  const onText = (text) => {
    texts.push(text)
    if (cancels && texts.length === 3) setTimeout(() => controller.abort(), 50)
  }
  const reading = reader.read({ ...simulator, prompt, signal: controller.signal, onText })
  const waiting = new Promise((resolve) => setTimeout(() => resolve(seen("waiting")), millis))
  return Promise.race([
    reading.then(
      () => seen("ended"),
      (error) => seen("failed", error)
    ),
    waiting
  ]).finally(() =>
    // Time for the Simulator to see the end of the connection.
    new Promise((resolve) => setTimeout(resolve, 200)).then(() => controller.abort())
  )
}

const observe = (reader, scenario) =>
  Effect.gen(function* () {
    const simulator = yield* Simulator
    const seen = yield* Effect.promise(() => readOnce(reader, simulator, scenario))
    const requests = yield* Effect.forEach(yield* simulator.requests, (request) =>
      Effect.map(Effect.timeout(request.closed, "1 second"), ({ closedBy }) => ({ ...request, closedBy })).pipe(
        Effect.catchAll(() => Effect.succeed({ ...request, closedBy: "nobody" }))
      )
    )
    return { ...seen, requests }
  }).pipe(Effect.provide(Simulator.layer({ pace: 5, apiKey, script: scenario.script })), Effect.runPromise)

const versionOf = (name) => {
  const path = name === "" ? "../package.json" : `node_modules/${name}/package.json`
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).version
}

const columns = await Promise.all(
  readers.map(async (reader) => {
    const outcomes = []
    // One at a time, so that scenarios do not slow each other.
    for (const scenario of scenarios) outcomes.push(await observe(reader, scenario))
    return { reader, version: versionOf(reader.package), outcomes }
  })
)

const rows = [
  ...scenarios.map(({ title, describe }, index) => [
    title,
    ...columns.map(({ outcomes }) => describe(outcomes[index]))
  ]),
  ["Printed with an error", ...columns.map(({ outcomes }) => printedSecrets(outcomes, { apiKey, prompt }))]
]
const table = forMarkdown(columns, rows)
process.stdout.write(`${table}\n`)
if (process.argv.includes("--json")) {
  const plain = columns.map(({ reader, outcomes }) => ({
    reader: reader.name,
    outcomes: outcomes.map(({ error, requests, ...seen }, index) => ({
      scenario: scenarios[index].title,
      ...seen,
      error: String(error),
      requests: requests.length
    }))
  }))
  process.stdout.write(`${JSON.stringify(plain, undefined, 2)}\n`)
}
if (process.argv.includes("--write")) {
  await writeBlock(new URL("../docs/comparison.md", import.meta.url), "behaviour", table)
}
process.exit()
