/** The hover text of every public name, from TypeScript's language service over the published declarations. */
import { join } from "node:path"
import ts from "typescript"
import { type Entry, entries, root } from "../../scripts/declarations.js"
import { optionsFor } from "./compile.js"

export interface Hover {
  /** Such as `llm-connectivity: LLMClient.layer`. */
  readonly name: string
  readonly text: string
}

/** A name and its position in a program. */
interface Probe {
  readonly name: string
  readonly position: number
}

const folder = join(root, "test/types")

/** Whether a name can stand in an expression. */
const isValue = (symbol: ts.Symbol): boolean => (symbol.flags & ts.SymbolFlags.Value) !== 0

/** A program with every name of one subpath: its exports, and the members of its namespaces and classes. */
class Probes {
  text = ""
  readonly probes: Array<Probe> = []

  constructor(
    private readonly entry: Entry,
    private readonly checker: ts.TypeChecker,
    exported: ReadonlyArray<ts.Symbol>
  ) {
    this.text = `import { ${exported.map((symbol) => symbol.name).join(", ")} } from "${entry.specifier}"\n`
    for (const symbol of exported) this.addWithMembers(symbol)
  }

  private addWithMembers(exported: ts.Symbol): void {
    const symbol = this.resolveAlias(exported)
    this.add(exported.name, isValue(symbol))
    const isNamespace = (symbol.flags & ts.SymbolFlags.ValueModule) !== 0
    const members = isNamespace ? this.checker.getExportsOfModule(symbol) : this.staticsOf(symbol)
    for (const member of members) {
      this.add(`${exported.name}.${member.name}`, !isNamespace || isValue(this.resolveAlias(member)))
    }
  }

  private staticsOf(symbol: ts.Symbol): ReadonlyArray<ts.Symbol> {
    if ((symbol.flags & ts.SymbolFlags.Class) === 0) return []
    const isOwn = (declaration: ts.Declaration) => declaration.getSourceFile().fileName.startsWith(join(root, "dist"))
    return this.checker
      .getPropertiesOfType(this.checker.getTypeOfSymbol(symbol))
      .filter((member) => member.name !== "prototype" && member.declarations?.some(isOwn) === true)
  }

  private add(path: string, isExpression: boolean): void {
    this.text += isExpression ? `void ${path}` : `type T${this.probes.length} = ${path}`
    this.probes.push({ name: `${this.entry.specifier}: ${path}`, position: this.text.length - 1 })
    this.text += "\n"
  }

  private resolveAlias(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol
  }
}

/** A language service over in-memory files, which may change. */
const serviceOf = (files: ReadonlyMap<string, string>): ts.LanguageService => {
  const { fileExists, readFile, readDirectory, directoryExists, getDirectories, realpath } = ts.sys
  const read = (path: string) => files.get(path) ?? readFile(path)
  return ts.createLanguageService({
    getScriptFileNames: () => [...files.keys()],
    getScriptVersion: (path) => files.get(path) ?? "unchanged",
    getScriptSnapshot: (path) => {
      const text = read(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => optionsFor(ts, "NodeNext"),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => files.has(path) || fileExists(path),
    readFile: read,
    readDirectory,
    directoryExists,
    getDirectories,
    ...(realpath === undefined ? {} : { realpath })
  })
}

/** The hovers of all public names. */
export const hovers = (): ReadonlyArray<Hover> => {
  const paths = entries.map((entry, index) => ({ entry, path: join(folder, `hover${index}.ts`) }))
  const files = new Map(paths.map(({ entry, path }) => [path, `export * from "${entry.specifier}"`]))
  const service = serviceOf(files)
  const program = service.getProgram()
  const checker = program?.getTypeChecker()
  const programs = paths.map(({ entry, path }) => {
    const source = program?.getSourceFile(entry.file)
    const module = source && checker?.getSymbolAtLocation(source)
    if (checker === undefined || module === undefined) throw new Error(`${entry.file} is missing; run npm run build`)
    return { path, probes: new Probes(entry, checker, checker.getExportsOfModule(module)) }
  })
  for (const { path, probes } of programs) files.set(path, probes.text)
  return programs.flatMap(({ path, probes }) =>
    probes.probes.map(({ name, position }) => {
      const info = service.getQuickInfoAtPosition(path, position)
      return { name, text: ts.displayPartsToString(info?.displayParts) }
    })
  )
}
