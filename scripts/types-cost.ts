/** Compares the compile time of our types with the same program on bare Effect. `npm run bench:types` runs it. */
import { readFileSync } from "node:fs"
import { compile, firstProgram } from "../test/types/compile.js"

const bare = readFileSync(new URL("../test/types/bare.ts", import.meta.url), "utf8")
const rounds = 7

interface Cost {
  readonly instantiations: number
  /** The time to read files, in milliseconds; below, the time to check types. */
  readonly reading: number
  readonly checking: number
}

const costOf = (text: string): Cost => {
  const start = performance.now()
  const program = compile(text)
  const read = performance.now()
  program.getSemanticDiagnostics()
  return {
    instantiations: program.getInstantiationCount(),
    reading: read - start,
    checking: performance.now() - read
  }
}

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN

// Alternating, so that load on the machine affects both. The first round warms up.
const all = Array.from({ length: rounds + 1 }, () => [costOf(firstProgram), costOf(bare)] as const).slice(1)

const line = (name: string, what: (cost: Cost) => number): string => {
  const [ours, theirs] = [median(all.map(([cost]) => what(cost))), median(all.map(([, cost]) => what(cost)))]
  return `${name.padEnd(16)}${ours.toFixed(0).padStart(8)}${theirs.toFixed(0).padStart(12)}${(ours / theirs).toFixed(2).padStart(8)}`
}

process.stdout.write(
  `${[
    "                    ours bare Effect   ratio",
    line("instantiations", ({ instantiations }) => instantiations),
    line("reading, ms", ({ reading }) => reading),
    line("checking, ms", ({ checking }) => checking),
    line("both, ms", ({ reading, checking }) => reading + checking)
  ].join("\n")}\n`
)
