/** Type-checks programs against the published declarations, as users of the package do. */
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

/** The compiler options of both compilers. */
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

/** The path of an in-memory program: inside the package, which can import itself by its name. */
const programPath: string = join(root, "test/types/program.ts")

/** Compiles a program. `skipLibCheck` affects checks of the program; a single file can still be checked by request. */
export const compile = (
  text: string,
  options: { readonly compiler?: Compiler; readonly resolution?: Resolution; readonly skipLibCheck?: boolean } = {}
): current.Program => {
  const { compiler = current, resolution = "NodeNext", skipLibCheck = true } = options
  const settings = { ...optionsFor(compiler, resolution), skipLibCheck }
  const host = compiler.createCompilerHost(settings)
  const { getSourceFile, fileExists, readFile } = host
  host.fileExists = (path) => path === programPath || fileExists(path)
  host.readFile = (path) => (path === programPath ? text : readFile(path))
  host.getSourceFile = (path, language, ...others) =>
    path === programPath ? compiler.createSourceFile(path, text, language) : getSourceFile(path, language, ...others)
  return compiler.createProgram([programPath], settings, host)
}

/** The text of diagnostics, one line each. */
export const linesOf = (diagnostics: ReadonlyArray<current.Diagnostic>): ReadonlyArray<string> =>
  diagnostics.map(
    ({ file, messageText }) => `${file?.fileName ?? ""}: ${current.flattenDiagnosticMessageText(messageText, " ")}`
  )
