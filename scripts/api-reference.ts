/** Writes docs/api, the reference of every subpath, from the doc comments; what TypeDoc warns of fails it. */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Application, Comment, Converter, DeclarationReflection, LogLevel, ReflectionKind } from "typedoc"
import { sourceEntries } from "./entries.js"
import { root } from "./pack.js"
import { publicNames } from "./public-names.js"

/** The sentence with which a file opens. */
const openingOf = (file: string): string =>
  /^\/\*\*\s*(?:\* )?(.*?)\s*\*\//s.exec(readFileSync(file, "utf8"))?.[1] ?? ""

/** Names the pages of modules as programs import them, and lets modules and namespaces say what their files say. */
const describe = (reflection: DeclarationReflection, files: ReadonlyArray<string>): void => {
  const [file] = files
  if (file === undefined) return
  const entry = sourceEntries.find(({ source }) => source === file)
  if (entry !== undefined && reflection.kindOf(ReflectionKind.Module)) reflection.name = entry.specifier
  const text = openingOf(file).replace(/^ *\* ?/gm, "")
  if (!reflection.hasComment()) reflection.comment = new Comment([{ kind: "text", text }])
}

const app = await Application.bootstrap({
  entryPoints: sourceEntries.map(({ source }) => source),
  tsconfig: join(root, "tsconfig.build.json"),
  name: "llm-connectivity",
  out: join(root, "docs/api"),
  readme: join(root, "README.md"),
  projectDocuments: ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/*.md", "docs/decisions/*.md"].map((path) =>
    join(root, path)
  ),
  // The compiler has its own command, and nobody knows yet where the sources will stand.
  skipErrorChecking: true,
  disableSources: true,
  excludePrivate: true,
  excludeExternals: true,
  includeVersion: true,
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true
  },
  logLevel: LogLevel.Warn
})

app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  if (!reflection.kindOf([ReflectionKind.Module, ReflectionKind.Namespace])) return
  const symbol = context.getSymbolFromReflection(reflection)
  describe(reflection, symbol?.declarations?.map((declaration) => declaration.getSourceFile().fileName) ?? [])
})

// What declarations name is of use to a reader, be it exported or not.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
  const [program] = context.programs
  if (program === undefined) return
  for (const [specifier, symbols] of publicNames(program).named) {
    const module = context.project.getChildByName([specifier])
    if (!(module instanceof DeclarationReflection)) continue
    const within = context.withScope(module)
    within.setActiveProgram(program)
    for (const symbol of symbols) app.converter.convertSymbol(within, symbol)
  }
})

const project = await app.convert()
if (project !== undefined) {
  app.validate(project)
  await app.generateOutputs(project)
  process.stdout.write(`${relative(process.cwd(), app.options.getValue("out"))}/index.html\n`)
}
process.exitCode = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0
