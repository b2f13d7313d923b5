/** Writes docs/api, the reference of every subpath, from the doc comments. Any warning of TypeDoc makes it fail. */
import { readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Application, Comment, Converter, DeclarationReflection, LogLevel, ReflectionKind } from "typedoc"
import { sourceEntries } from "./entries.js"
import { root } from "./pack.js"
import { publicNames } from "./public-names.js"

/** The first comment of a file. */
const firstCommentOf = (file: string): string =>
  /^\/\*\*\s*(?:\* )?(.*?)\s*\*\//s.exec(readFileSync(file, "utf8"))?.[1] ?? ""

/** Names module pages by their import specifiers, and describes modules and namespaces by the first comment of their file. */
const describe = (reflection: DeclarationReflection, files: ReadonlyArray<string>): void => {
  const [file] = files
  if (file === undefined) return
  const entry = sourceEntries.find(({ source }) => source === file)
  if (entry !== undefined && reflection.kindOf(ReflectionKind.Module)) reflection.name = entry.specifier
  const text = firstCommentOf(file).replace(/^ *\* ?/gm, "")
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
  // `tsc` checks for errors. Links to sources need a repository, which is not decided yet.
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

// Readers also need the types that declarations refer to, even if no subpath exports them.
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
