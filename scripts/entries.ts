/** The subpaths of the package and their source files, from `exports` of package.json. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./pack.js"

/** A subpath of the package. */
export interface SourceEntry {
  /** The import specifier. */
  readonly specifier: string
  /** The source file. */
  readonly source: string
}

const { name, exports }: { name: string; exports: { readonly [path: string]: string | { readonly default: string } } } =
  JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** All subpaths. */
export const sourceEntries: ReadonlyArray<SourceEntry> = Object.entries(exports).flatMap(([subpath, target]) =>
  typeof target === "string"
    ? []
    : [
        {
          specifier: join(name, subpath),
          source: join(root, target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts"))
        }
      ]
)
