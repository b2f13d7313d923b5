/** Writes docs/api-report: the published declarations, one page per subpath, so that reviews show every change. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { dist, entries, root } from "./declarations.js"

/** The folder of the pages. */
export const folder: string = join(root, "docs/api-report")

const options: ts.CompilerOptions = { noLib: true, types: [], module: ts.ModuleKind.NodeNext }

/** Reads only our own files: declarations of other packages are not part of the report, and take seconds to parse. */
const makeProgram = (): ts.Program => {
  const host = ts.createCompilerHost(options)
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) => ({
      resolvedModule: text.startsWith(".")
        ? { resolvedFileName: resolve(dirname(from), text.replace(/\.js$/, ".d.ts")), extension: ts.Extension.Dts }
        : undefined
    }))
  const files = entries.map(({ file }) => file)
  return ts.createProgram(files, options, host)
}

/** Exported symbols by name. */
type Names = ReadonlyMap<string, ts.Symbol>

const isModule = (symbol: ts.Symbol): boolean => (symbol.flags & ts.SymbolFlags.ValueModule) !== 0

/** Resolves names to symbols. */
class Reader {
  private readonly program = makeProgram()
  private readonly checker = this.program.getTypeChecker()

  /** The exports of a file. */
  exportsOf(file: string): Names {
    const source = this.program.getSourceFile(file)
    const module = source && this.checker.getSymbolAtLocation(source)
    return module === undefined ? new Map() : this.membersOf(module)
  }

  /** The members of a namespace. */
  membersOf(module: ts.Symbol): Names {
    const members = this.checker.getExportsOfModule(module).map((each) => [each.name, this.resolve(each)] as const)
    return new Map(members.sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  /** The given symbols and all of our symbols that their declarations refer to, directly or indirectly. */
  reachedFrom(symbols: Iterable<ts.Symbol>): ReadonlySet<ts.Symbol> {
    const reached = new Set<ts.Symbol>()
    const reach = (symbol: ts.Symbol): void => {
      if (reached.has(symbol)) return
      reached.add(symbol)
      if (isModule(symbol)) for (const member of this.membersOf(symbol).values()) reach(member)
      else for (const declaration of declarationsOf(symbol)) visit(declaration)
    }
    const visit = (node: ts.Node): void => {
      const symbol = ts.isIdentifier(node) ? this.checker.getSymbolAtLocation(node) : undefined
      if (symbol !== undefined && declarationsOf(this.resolve(symbol)).length > 0) reach(this.resolve(symbol))
      ts.forEachChild(node, visit)
    }
    for (const symbol of symbols) reach(symbol)
    return reached
  }

  private resolve(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol
  }
}

/** Our top-level statements that declare a symbol. Nested declarations are part of the enclosing statement. */
const declarationsOf = (symbol: ts.Symbol): ReadonlyArray<ts.Node> =>
  (symbol.declarations ?? [])
    .map((each) => (ts.isVariableDeclaration(each) ? each.parent.parent : each))
    .filter((each) => each.getSourceFile().fileName.startsWith(dist) && each.parent?.kind === ts.SyntaxKind.SourceFile)

const printer = ts.createPrinter({ removeComments: true })

/** The text of a declaration, without private members and comments; comments are in the reference. */
const textOf = (declaration: ts.Node): string => {
  const { transformed } = ts.transform(declaration, [
    (context) => {
      const visit = (node: ts.Node): ts.Node | undefined =>
        ts.canHaveModifiers(node) && node.modifiers?.some((each) => each.kind === ts.SyntaxKind.PrivateKeyword)
          ? undefined
          : ts.visitEachChild(node, visit, context)
      return (top) => ts.visitEachChild(top, visit, context)
    }
  ])
  const text = printer.printNode(ts.EmitHint.Unspecified, transformed[0] ?? declaration, declaration.getSourceFile())
  return text.replace(/^export /, "").replace(/^declare /, "")
}

const blockOf = (lines: Iterable<string>): string => `\`\`\`ts\n${[...lines].join("\n\n")}\n\`\`\`\n`

const page = (specifier: string, exported: ReadonlyArray<string>, named: ReadonlyArray<string>): string =>
  `# ${specifier}

The declarations of this subpath. \`npm run docs:api-report\` writes this page.

${blockOf(exported)}${named.length === 0 ? "" : `\n## Referenced but not exported\n\n${blockOf(named)}`}`

/** The pages by file name, as they should be. */
export const pages = (): ReadonlyMap<string, string> => {
  const reader = new Reader()
  const textsOf = ([name, symbol]: readonly [string, ts.Symbol]): ReadonlyArray<string> =>
    isModule(symbol)
      ? [
          `namespace ${name} {\n${[...reader.membersOf(symbol)]
            .flatMap(textsOf)
            .join("\n")
            .replace(/^(?=.)/gm, "    ")}\n}`
        ]
      : declarationsOf(symbol).map(textOf)
  const namesOf = (names: Names): ReadonlyArray<ts.Symbol> =>
    [...names.values()].flatMap((symbol) => [symbol, ...(isModule(symbol) ? namesOf(reader.membersOf(symbol)) : [])])
  const exported = entries.map(({ specifier, file }) => ({ specifier, names: reader.exportsOf(file) }))
  const everywhere = new Set(exported.flatMap(({ names }) => namesOf(names)))
  return new Map(
    exported.map(({ specifier, names }) => {
      const named = [...reader.reachedFrom(names.values())].filter((symbol) => !everywhere.has(symbol))
      const texts = [...names].flatMap(textsOf)
      const others = named.flatMap((symbol) => textsOf([symbol.name, symbol])).sort()
      return [`${basename(specifier)}.md`, page(specifier, texts, others)]
    })
  )
}

/** The pages by file name, as they are on disk. */
export const written = (): ReadonlyMap<string, string> =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of pages()) writeFileSync(join(folder, name), text)
}
