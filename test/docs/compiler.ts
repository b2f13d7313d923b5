/** Compiles the library and the examples of pages and doc comments as one program. */
import { join } from "node:path"
import ts from "typescript"
import { sourceEntries } from "../../scripts/entries.js"
import { root } from "../../scripts/pack.js"
import { moduleOf, type Scope, type Snippet } from "../../scripts/snippets.js"

const configuration = (): ts.CompilerOptions => {
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, "tsconfig.json"),
    { incremental: false, noUnusedLocals: false, noUnusedParameters: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} }
  )
  const { tsBuildInfoFile: _, ...options } = config?.options ?? {}
  return options
}

const folder = join(root, "test/docs")
const preludes = [join(root, "scripts/comment-prelude.ts"), join(root, "scripts/readme-prelude.ts")]
const platform = ["effect", "@effect/platform"]

/** The names that fragments may use without an import. */
interface Scopes {
  readonly comments: ReadonlyArray<Scope>
  readonly pages: ReadonlyArray<Scope>
}

/** Compiles examples. Fragments get the imports that they need, and the names of a prelude. */
export class Examples {
  private readonly places: ReadonlyMap<string, string>
  readonly program: ts.Program

  constructor(examples: ReadonlyArray<Snippet>) {
    const options = configuration()
    const texts = new Map<string, string>()
    const host = hostOf(options, texts)
    const fileOf = (module: string): string =>
      ts.resolveModuleName(
        module,
        join(folder, "compiler.ts"),
        options,
        host,
        undefined,
        undefined,
        ts.ModuleKind.ESNext
      ).resolvedModule?.resolvedFileName ?? ""
    const library = ts.createProgram(
      [...sourceEntries.map(({ source }) => source), ...platform.map(fileOf), ...preludes],
      options,
      host
    )
    const scopes = scopesOf(library, fileOf)
    this.places = new Map(examples.map(({ place }, index) => [join(folder, `example${index}.ts`), place]))
    const paths = [...this.places.keys()]
    for (const [index, example] of examples.entries()) texts.set(paths[index] ?? "", textOf(example, scopes))
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

/** Reads files once, so that the second program reuses those of the first, and some from memory. */
const hostOf = (options: ts.CompilerOptions, texts: ReadonlyMap<string, string>): ts.CompilerHost => {
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  const files = new Map<string, ts.SourceFile | undefined>()
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, language, ...others) => {
    const text = texts.get(path)
    if (text !== undefined) return ts.createSourceFile(path, text, language)
    if (!files.has(path)) files.set(path, getSourceFile(path, language, ...others))
    return files.get(path)
  }
  return host
}

const scopesOf = (library: ts.Program, fileOf: (module: string) => string): Scopes => {
  const checker = library.getTypeChecker()
  const scopeOf = (module: string): Scope => {
    const file = library.getSourceFile(fileOf(module))
    const symbol = file && checker.getSymbolAtLocation(file)
    return { module, names: symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name) }
  }
  const common = [...sourceEntries.map(({ specifier }) => specifier), ...platform].map(scopeOf)
  // Names of the preludes take precedence over names of the library.
  return {
    comments: [scopeOf("../../scripts/comment-prelude.js"), ...common],
    pages: [scopeOf("../../scripts/readme-prelude.js"), ...common]
  }
}

/** The module of an example: programs unchanged, fragments completed. */
const textOf = ({ text, mark, place }: Snippet, { comments, pages }: Scopes): string =>
  mark === "fragment" ? moduleOf(text, place.includes(".md:") ? pages : comments) : `${text}\nexport {}\n`
