/**
 * Runs an assistant with one tool, in this library and in the AI SDK, on the Simulator, and prints what comes of it:
 *
 *   npm run bench:tools               takes under a minute
 *   npm run bench:tools -- --write    also writes the table into docs/comparison.md
 */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { Simulator } from "../dist/testing/index.js"
import { forMarkdown } from "./report/behaviour.mjs"
import { writeBlock } from "./report/block.mjs"
import { ours, secret, theirs } from "./tools/assistants.mjs"
import { scenarios } from "./tools/scenarios.mjs"

// Console output of peers is not part of the result.
for (const name of ["warn", "error", "log"]) console[name] = () => {}
globalThis.AI_SDK_LOG_WARNINGS = false
process.on("unhandledRejection", () => {})

const assistants = [
  { name: "llm-connectivity", path: "../package.json", make: ours },
  { name: "ai", path: "node_modules/ai/package.json", make: theirs },
  {
    name: "with an approval secret, ai",
    path: "node_modules/ai/package.json",
    make: (setting) => theirs({ ...setting, secret })
  }
]

const observe = (make, { script, run, execute = async () => "26 degrees" }) =>
  Effect.gen(function* () {
    const simulator = yield* Simulator
    const calls = []
    const recorded = ({ city }, id) => {
      calls.push({ city, id })
      return execute()
    }
    const assistant = make({ baseUrls: simulator.baseUrls, apiKey: simulator.apiKey, execute: recorded })
    const error = yield* Effect.promise(() =>
      run(assistant).then(
        () => undefined,
        (error) => error
      )
    )
    const requests = yield* simulator.requests
    const results = (requests.at(-1)?.body.messages ?? []).filter(({ role }) => role === "tool")
    return { calls, error, requests: requests.length, results: results.map(({ content }) => String(content)) }
  }).pipe(Effect.provide(Simulator.layer({ pace: 0, apiKey: "sk-test", script })), Effect.runPromise)

const columns = await Promise.all(
  assistants.map(async ({ name, path, make }) => {
    const ran = []
    for (const scenario of scenarios) ran.push(await observe(make, scenario))
    const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"))
    return { reader: { name }, version, ran }
  })
)

const rows = scenarios.map(({ title, describe }, index) => [title, ...columns.map(({ ran }) => describe(ran[index]))])
const table = forMarkdown(columns, rows)
process.stdout.write(`${table}\n`)
if (process.argv.includes("--write")) {
  await writeBlock(new URL("../docs/comparison.md", import.meta.url), "tools", table)
}
process.exit()
