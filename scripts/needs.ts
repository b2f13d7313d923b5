/** Finds the packages that the files of a packed library import, statically or dynamically. */
import { readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { build } from "esbuild"
import ts from "typescript"

/** The imports of a file, without Node's own modules. */
export interface Needs {
  /** Packages imported statically. */
  readonly immediate: ReadonlySet<string>
  /** Specifiers of statically imported modules. */
  readonly modules: ReadonlyArray<string>
  /** Packages imported statically or dynamically. */
  readonly all: ReadonlySet<string>
  /** Whether it imports modules of Node statically. */
  readonly isForNode: boolean
}

const isBuiltin = (path: string): boolean => path.startsWith("node:") || builtinModules.includes(path)

/** The package of a module, such as `@effect/platform` of `@effect/platform/HttpClient`. */
const packageOf = (path: string): string => path.split("/", path.startsWith("@") ? 2 : 1).join("/")

/** Follows the imports of a JavaScript file. */
export const needsOf = async (folder: string, path: string): Promise<Needs> => {
  const { metafile } = await build({
    absWorkingDir: folder,
    entryPoints: [path],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
    // Without a bundler, unused imports are loaded too.
    treeShaking: false,
    ignoreAnnotations: true,
    tsconfigRaw: {},
    logLevel: "silent"
  })
  const follow = (isWanted: (kind: string) => boolean): ReadonlyArray<string> => {
    const found = new Set<string>()
    const seen = new Set<string>()
    const visit = (file: string): void => {
      if (seen.has(file)) return
      seen.add(file)
      for (const { path: to, kind, external } of metafile.inputs[file]?.imports ?? []) {
        if (external) isWanted(kind) && found.add(to)
        else if (isWanted(kind)) visit(to)
      }
    }
    visit(path)
    return [...found]
  }
  const packages = (paths: ReadonlyArray<string>) => new Set(paths.filter((to) => !isBuiltin(to)).map(packageOf))
  const immediate = follow((kind) => kind !== "dynamic-import")
  return {
    immediate: packages(immediate),
    modules: immediate,
    all: packages(follow(() => true)),
    isForNode: immediate.some(isBuiltin)
  }
}

/** The packages that a declaration file refers to. */
export const namedBy = (folder: string, path: string): ReadonlySet<string> => {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, path), "utf8"), true, true)
  const paths = importedFiles.map(({ fileName }) => fileName)
  return new Set(paths.filter((to) => !to.startsWith(".") && !isBuiltin(to)).map(packageOf))
}
