/** The oldest TypeScript that we claim takes our declarations, and programs that use them. */
import current from "typescript"
import oldest from "typescript-oldest"
import { describe, expect, it } from "vitest"
import { dist, entries } from "../../scripts/declarations.js"
import { type Compiler, compile, firstProgram, linesOf } from "./compile.js"

/** The README's first program, with every subpath beside it. */
const program = [
  firstProgram,
  ...entries.map(({ specifier }, index) => `export * as s${index} from "${specifier}"`)
].join("\n")

const compilers: ReadonlyArray<readonly [string, Compiler]> = [
  // The two are the same to those who ask them; their types differ in what nobody asks here.
  ["the oldest", oldest as unknown as Compiler],
  ["the newest", current]
]

describe.each(compilers)("%s TypeScript", (_, compiler) => {
  it.each(["NodeNext", "Bundler"] as const)(
    "takes a program and all of our declarations, resolved by %s",
    (resolution) => {
      const read = compile(program, { compiler, resolution, skipLibCheck: false })
      // Effect's own declarations are for newer ones: only a program with `skipLibCheck` can use it with the oldest.
      const ours = read.getSourceFiles().filter((file) => !file.fileName.includes("/node_modules/"))
      expect(ours.filter((file) => file.fileName.startsWith(dist)).length).toBeGreaterThan(entries.length)
      expect(linesOf(read.getSyntacticDiagnostics())).toEqual([])
      expect(linesOf(ours.flatMap((file) => [...read.getSemanticDiagnostics(file)]))).toEqual([])
    }
  )
})

it("the oldest is the one that we claim", () => {
  expect(oldest.version).toMatch(/^5\.4\./)
})
