/** The oldest supported TypeScript compiles the declarations and programs that use them. */
import current from "typescript"
import oldest from "typescript-oldest"
import { describe, expect, it } from "vitest"
import { dist, entries } from "../../scripts/declarations.js"
import { type Compiler, compile, firstProgram, linesOf } from "./compile.js"

/** The README's first program, with an export of every subpath. */
const program = [
  firstProgram,
  ...entries.map(({ specifier }, index) => `export * as s${index} from "${specifier}"`)
].join("\n")

const compilers: ReadonlyArray<readonly [string, Compiler]> = [
  // Both have the functions used here; their types differ elsewhere.
  ["the oldest", oldest as unknown as Compiler],
  ["the newest", current]
]

describe.each(compilers)("%s TypeScript", (_, compiler) => {
  it.each(["NodeNext", "Bundler"] as const)("compiles a program and all declarations, resolved by %s", (resolution) => {
    const compiled = compile(program, { compiler, resolution, skipLibCheck: false })
    // Effect's declarations need a newer TypeScript: with the oldest, programs must set `skipLibCheck`.
    const own = compiled.getSourceFiles().filter((file) => !file.fileName.includes("/node_modules/"))
    expect(own.filter((file) => file.fileName.startsWith(dist)).length).toBeGreaterThan(entries.length)
    expect(linesOf(compiled.getSyntacticDiagnostics())).toEqual([])
    expect(linesOf(own.flatMap((file) => [...compiled.getSemanticDiagnostics(file)]))).toEqual([])
  })
})

it("the oldest supported TypeScript is 5.4", () => {
  expect(oldest.version).toMatch(/^5\.4\./)
})
