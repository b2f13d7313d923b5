/**
 * Bundles the library into a file per reason to load it: the core, each protocol of providers, each subpath, and what is
 * loaded only when needed. As some hundred modules, the same took three times as long to import.
 */
import { readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type GetManualChunk, type Plugin, rollup } from "rollup"
import ts from "typescript"
import { moduleImports } from "./moduleImports.js"
import { pureCalls } from "./pureCalls.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const src = join(root, "src")

/** Bundled on its own, with the libraries that it needs. */
const apart = join(src, "output/progress/TerminalWidth.ts")

/** The entries: what package.json exports, by the path of its module without the ending. */
const entries = (): Record<string, string> => {
  const { exports }: { exports: Record<string, string | { readonly default: string }> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8")
  )
  const paths = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [] : [entry.default]))
  const names = paths.map((path) => path.replace(/^\.\/dist\/|\.js$/g, ""))
  return Object.fromEntries(names.map((name) => [name, join(src, `${name}.ts`)]))
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  sourceMap: true
}

const typescript: Plugin = {
  name: "typescript",
  resolveId: (source, importer) => {
    if (importer === undefined || !source.startsWith(".")) return undefined
    const id = resolve(dirname(importer), source.replace(/\.js$/, ".ts"))
    return id === apart ? { id: id.replace(/\.ts$/, ".js"), external: "relative" } : id
  },
  transform: (code, fileName) => {
    const transformers = { after: [pureCalls, moduleImports] }
    const { outputText, sourceMapText } = ts.transpileModule(code, { fileName, compilerOptions, transformers })
    return { code: outputText, map: sourceMapText ?? null }
  }
}

/** The protocols of providers are apart, as a program that asks one must not bundle the others. */
const protocols = ["Anthropic", "Google", "OpenAI"] as const

/** Puts what every import of the package loads into few files; the rest finds its own place. */
const chunkOf: GetManualChunk = (id, { getModuleInfo }) => {
  const isLoadedBy = (entry: string): boolean =>
    reachable(join(src, entry), (module) => getModuleInfo(module)?.importedIds ?? []).has(id)
  if (!isLoadedBy("index.ts")) return undefined
  // A page that reads our server-sent events loads no Effect.
  if (isLoadedBy("browser/index.ts")) return "plain"
  return protocols.find((protocol) => id.includes(protocol))?.toLowerCase() ?? "core"
}

const reachable = (from: string, importsOf: (module: string) => ReadonlyArray<string>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (module: string): void => {
    if (seen.has(module)) return
    seen.add(module)
    importsOf(module).forEach(visit)
  }
  visit(from)
  seen.delete(from)
  return seen
}

/** Bundles the library into a folder. */
export const bundleLibrary = async (folder: string): Promise<void> => {
  const bundle = await rollup({
    input: entries(),
    external: (id) => !id.startsWith(".") && !id.startsWith("/"),
    plugins: [typescript],
    treeshake: { moduleSideEffects: false },
    onwarn: ({ message }) => {
      throw new Error(message)
    }
  })
  await bundle.write({
    dir: folder,
    format: "es",
    sourcemap: true,
    sourcemapExcludeSources: true,
    chunkFileNames: "chunks/[name].js",
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    manualChunks: chunkOf
  })
  await bundle.close()
}
