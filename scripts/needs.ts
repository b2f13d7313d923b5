/** Which packages the files of a packed library import, at once or only when asked. */
import { readFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { build } from "esbuild"
import ts from "typescript"

/** The packages, Node's own modules aside. */
export interface Needs {
  /** What is loaded with the file. */
  readonly atOnce: ReadonlySet<string>
  /** The modules of packages that are loaded with the file, as it names them. */
  readonly modules: ReadonlyArray<string>
  /** What it can come to load, that included. */
  readonly ever: ReadonlySet<string>
  /** Whether it loads modules of Node's at once. */
  readonly isForNode: boolean
}

const isBuiltin = (path: string): boolean => path.startsWith("node:") || builtinModules.includes(path)

/** The package of a module: `@effect/platform` of `@effect/platform/HttpClient`. */
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
    // As they are written: what a bundler may leave out is loaded all the same where there is none.
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
  const atOnce = follow((kind) => kind !== "dynamic-import")
  return {
    atOnce: packages(atOnce),
    modules: atOnce,
    ever: packages(follow(() => true)),
    isForNode: atOnce.some(isBuiltin)
  }
}

/** The packages that a file of types names. */
export const namedBy = (folder: string, path: string): ReadonlySet<string> => {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, path), "utf8"), true, true)
  const paths = importedFiles.map(({ fileName }) => fileName)
  return new Set(paths.filter((to) => !to.startsWith(".") && !isBuiltin(to)).map(packageOf))
}
