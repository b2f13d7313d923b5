/** Type-checks programs against the published declarations, as whoever installs the package does. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import current from "typescript"
import { root } from "../../scripts/declarations.js"

export type Compiler = typeof current

/** The README's first program. */
export const firstProgram: string = (() => {
  const readme = readFileSync(join(root, "README.md"), "utf8")
  const program = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)]
    .map(([, text]) => text)
    .find((text) => text?.includes("runMain"))
  if (program === undefined) throw new Error("the README has no program that runs")
  return program
})()

/** How a program finds packages: as Node does, or as bundlers do. */
export type Resolution = "NodeNext" | "Bundler"

/** How both check. */
export const optionsFor = (compiler: Compiler, resolution: Resolution): current.CompilerOptions => ({
  strict: true,
  noEmit: true,
  target: compiler.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: ["node"],
  module: resolution === "NodeNext" ? compiler.ModuleKind.NodeNext : compiler.ModuleKind.ESNext,
  moduleResolution: compiler.ModuleResolutionKind[resolution],
  skipLibCheck: true
})

/** Where programs stand that are only said: inside the package, which can import itself by its name. */
const place: string = join(root, "test/types/program.ts")

/** Reads a program as a compiler does. `skipLibCheck` is for whole-program checks; a file's own is asked of it. */
export const compile = (
  text: string,
  options: { readonly compiler?: Compiler; readonly resolution?: Resolution; readonly skipLibCheck?: boolean } = {}
): current.Program => {
  const { compiler = current, resolution = "NodeNext", skipLibCheck = true } = options
  const settings = { ...optionsFor(compiler, resolution), skipLibCheck }
  const host = compiler.createCompilerHost(settings)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => path === place || fileExists(path)
  host.readFile = (path) => (path === place ? text : readFile(path))
  host.getSourceFile = (path, language, ...others) =>
    path === place ? compiler.createSourceFile(path, text, language) : getSourceFile(path, language, ...others)
  return compiler.createProgram([place], settings, host)
}

/** What diagnostics say, a line each. */
export const linesOf = (diagnostics: ReadonlyArray<current.Diagnostic>): ReadonlyArray<string> =>
  diagnostics.map(
    ({ file, messageText }) => `${file?.fileName ?? ""}: ${current.flattenDiagnosticMessageText(messageText, " ")}`
  )
