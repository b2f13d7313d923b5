/**
 * Measures this library, the baseline and the peers, and prints one table.
 *
 *   npm run bench                the full run, takes under ten minutes
 *   npm run bench -- --quick     a quick run, takes under one minute
 *   npm run bench -- --readers   only the ways to read a paced response, takes about two minutes
 *   npm run bench -- --policies  only what each policy adds to a read, takes about one minute
 *   npm run bench -- --write     also writes the results into bench/README.md and bench/results
 */
import { contestantsFor } from "./contestants/index.mjs"
import { endAll, startServer } from "./harness/children.mjs"
import { withWorkers } from "./harness/Worker.mjs"
import { measureBundle } from "./measures/bundle.mjs"
import { measureCpu } from "./measures/cpu.mjs"
import { measureFirstChunk } from "./measures/firstChunk.mjs"
import { measureFresh, measureImport } from "./measures/fresh.mjs"
import { measureConcurrency, measureLength } from "./measures/growth.mjs"
import { measureMany } from "./measures/many.mjs"
import { measurePolicies } from "./measures/policies.mjs"
import { measureReaders } from "./measures/readers.mjs"
import { measureStart } from "./measures/start.mjs"
import { measureWaiting } from "./measures/waiting.mjs"
import { failuresIn } from "./report/failures.mjs"
import { growthCells } from "./report/growth.mjs"
import { policyCells } from "./report/policies.mjs"
import { readerCells } from "./report/readers.mjs"
import { machine, writeReadme } from "./report/readme.mjs"
import { rowsOf } from "./report/rows.mjs"
import { sizeCells } from "./report/sizes.mjs"
import { aligned, forConsole } from "./report/table.mjs"
import { full, quick } from "./settings.mjs"

const isQuick = process.argv.includes("--quick")
const settings = isQuick ? quick : full
const startedAt = performance.now()

const print = (text) => process.stdout.write(`${text}\n`)
const step = (name) =>
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${name}\n`)

/** Runs the measures of one wire format; for chat completions also all others that need no new processes. */
const measureWire = async (origin, wire) => {
  const withContestants = (use) => withWorkers(contestantsFor(settings.contestants, wire), { origin, wire }, use)
  step(`CPU per delta, ${wire}`)
  const cpu = await measureCpu(withContestants, settings.pacedWires.includes(wire), settings)
  if (wire !== "chat") return { cpu }
  return withContestants(async (workers) => {
    step("time to first chunk")
    const first = await measureFirstChunk(workers, settings)
    step("growth with length, and memory")
    const length = await measureLength(workers, settings)
    step("growth with concurrency")
    return { cpu, first, length, concurrency: await measureConcurrency(workers, settings) }
  })
}

const measureAll = async () => {
  const origin = await startServer()
  const { cpu: chat, ...growth } = await measureWire(origin, "chat")
  const cpu = { chat }
  for (const wire of settings.otherWires) cpu[wire] = (await measureWire(origin, wire)).cpu
  step("ways to read")
  const readers = await measureReaders(origin, settings)
  step("policies")
  const policies = await measurePolicies(settings)
  step("200 streams")
  const many = await measureMany(origin, "chat", settings)
  step("waiting streams")
  const waiting = await measureWaiting(origin, "chat", settings)
  step("new processes")
  const imported = await measureImport(settings)
  const fresh = await measureFresh(origin, settings)
  const started = await measureStart(origin, settings)
  step("bundles")
  return {
    cpu,
    ...growth,
    readers,
    policies,
    many,
    waiting,
    imported,
    fresh,
    started,
    bundle: await measureBundle(settings)
  }
}

try {
  if (process.argv.includes("--readers")) {
    const readers = await measureReaders(await startServer(), settings)
    print(`\n${machine()}; CPU per delta, as ratios to the baseline.\n`)
    print(aligned(readerCells(readers)))
    endAll()
    process.exit()
  }
  if (process.argv.includes("--policies")) {
    print(`\n${machine()}\n`)
    print(aligned(policyCells(await measurePolicies(settings))))
    endAll()
    process.exit()
  }
  const results = await measureAll()
  const rows = rowsOf(results)
  print(`\n${machine()}; ratios to the baseline (bare fetch, split, JSON.parse) unless units are given.\n`)
  print(forConsole(rows))
  print(`\n${aligned(readerCells(results.readers))}`)
  print(`\n${aligned(policyCells(results.policies))}`)
  if (!isQuick) {
    print(`\n${aligned(growthCells("deltas", results.length))}`)
    print(`\n${aligned(growthCells("streams", results.concurrency))}`)
  }
  print(`\n${aligned(sizeCells(results.bundle))}\n`)
  for (const failure of failuresIn(results)) {
    print(`failed: ${failure}`)
    process.exitCode = 1
  }
  if (process.argv.includes("--write")) await writeReadme(results, rows)
  step("done")
} finally {
  endAll()
}
process.exit()
