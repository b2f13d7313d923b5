/** Compiles the library and the examples of pages and doc comments as one program. */
import { join } from "node:path"
import ts from "typescript"
import { sourceEntries } from "../../scripts/entries.js"
import { root } from "../../scripts/pack.js"
import { moduleOf, type Scope, type Snippet } from "../../scripts/snippets.js"

const config = ts.getParsedCommandLineOfConfigFile(
  join(root, "tsconfig.json"),
  { incremental: false, noUnusedLocals: false, noUnusedParameters: false },
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
)
const { tsBuildInfoFile: _, ...options } = config?.options ?? {}

const folder = join(root, "test/docs")
const preludes = [join(root, "scripts/comment-prelude.ts"), join(root, "scripts/readme-prelude.ts")]

const host = ts.createCompilerHost(options)
const { getSourceFile, fileExists, readFile } = host
const texts = new Map<string, string>()
const files = new Map<string, ts.SourceFile | undefined>()
host.fileExists = (path) => texts.has(path) || fileExists(path)
host.readFile = (path) => texts.get(path) ?? readFile(path)
// The second program reuses the files of the first.
host.getSourceFile = (path, language, ...others) => {
  const text = texts.get(path)
  if (text !== undefined) return ts.createSourceFile(path, text, language)
  if (!files.has(path)) files.set(path, getSourceFile(path, language, ...others))
  return files.get(path)
}

const fileOf = (module: string): string =>
  ts.resolveModuleName(module, join(folder, "compiler.ts"), options, host, undefined, undefined, ts.ModuleKind.ESNext)
    .resolvedModule?.resolvedFileName ?? ""

const platform = ["effect", "@effect/platform"]

/** The library without examples. */
const library: ts.Program = ts.createProgram(
  [...sourceEntries.map(({ source }) => source), ...platform.map(fileOf), ...preludes],
  options,
  host
)

const scopeOf = (module: string): Scope => {
  const checker = library.getTypeChecker()
  const file = library.getSourceFile(fileOf(module))
  const symbol = file && checker.getSymbolAtLocation(file)
  return { module, names: symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name) }
}

const common: ReadonlyArray<Scope> = [...sourceEntries.map(({ specifier }) => specifier), ...platform].map(scopeOf)

/** Names of the preludes take precedence over names of the library. */
const commentScopes = [scopeOf("../../scripts/comment-prelude.js"), ...common]
const pageScopes = [scopeOf("../../scripts/readme-prelude.js"), ...common]

/** Compiles examples. Fragments get the imports that they need, and the names of a prelude. */
export class Examples {
  private readonly places: ReadonlyMap<string, string>
  readonly program: ts.Program

  constructor(examples: ReadonlyArray<Snippet>) {
    this.places = new Map(examples.map(({ place }, index) => [join(folder, `example${index}.ts`), place]))
    const paths = [...this.places.keys()]
    for (const [index, example] of examples.entries()) texts.set(paths[index] ?? "", textOf(example))
    this.program = ts.createProgram([...library.getRootFileNames(), ...paths], options, host, library)
  }

  get problems(): ReadonlyArray<string> {
    return [...this.places].flatMap(([path, place]) => {
      const file = this.program.getSourceFile(path)
      const diagnostics = file && [
        ...this.program.getSyntacticDiagnostics(file),
        ...this.program.getSemanticDiagnostics(file)
      ]
      return (diagnostics ?? []).map(
        ({ messageText }) => `${place}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
      )
    })
  }
}

/** The module of an example: programs unchanged, fragments completed. */
const textOf = ({ text, mark, place }: Snippet): string =>
  mark === "fragment" ? moduleOf(text, place.includes(".md:") ? pageScopes : commentScopes) : `${text}\nexport {}\n`
