/**
 * Bundles the library into few files: the core, one per protocol, one per subpath, and one for each part that is loaded
 * on use. Importing the same code as about a hundred modules took three times as long.
 */
import { readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type GetManualChunk, type Plugin, rollup } from "rollup"
import ts from "typescript"
import { moduleImports } from "./moduleImports.js"
import { pureCalls } from "./pureCalls.js"

const root = fileURLToPath(new URL("..", import.meta.url))
const src = join(root, "src")

/** Bundled separately, with its dependencies, by `bundle.ts`. */
const separateModule = join(src, "output/progress/TerminalWidth.ts")

/** The exports of package.json, by the path of their module without its extension. */
const entries = (): Record<string, string> => {
  const { exports }: { exports: Record<string, string | { readonly default: string }> } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8")
  )
  const paths = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? [] : [entry.default]))
  const names = paths.map((path) => path.replace(/^\.\/dist\/|\.js$/g, ""))
  return Object.fromEntries(names.map((name) => [name, join(src, `${name}.ts`)]))
}

const catalogData = join(src, "catalog/snapshot.ts")

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
    return id === separateModule ? { id: id.replace(/\.ts$/, ".js"), external: "relative" } : id
  },
  transform: (code, fileName) => {
    const transformers = { after: [pureCalls, moduleImports] }
    const { outputText, sourceMapText } = ts.transpileModule(code, { fileName, compilerOptions, transformers })
    // The map of the model catalog would be as large as its data.
    return { code: outputText, map: fileName === catalogData ? { mappings: "" } : (sourceMapText ?? null) }
  }
}

/** Each provider and its protocols are separate chunks, so that a program with one provider does not bundle the others. */
const providers = ["anthropic", "google", "openai"] as const

/** Merges everything that the core entry loads into few chunks. Rollup places all other modules. */
const chunkOf: GetManualChunk = (id, { getModuleInfo }) => {
  const isLoadedBy = (entry: string): boolean =>
    reachable(join(src, entry), (module) => getModuleInfo(module)?.importedIds ?? []).has(id)
  if (!isLoadedBy("index.ts")) return undefined
  // The browser entry must not load Effect.
  if (isLoadedBy("browser/index.ts")) return "plain"
  const path = relative(src, id).toLowerCase()
  return providers.find((provider) => path.includes(provider)) ?? "core"
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
