/** The subpaths of the package and the files of src behind them, as `exports` of package.json has them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "./pack.js"

/** A subpath. */
export interface SourceEntry {
  /** What a program imports. */
  readonly specifier: string
  /** The file of src. */
  readonly source: string
}

const { name, exports }: { name: string; exports: { readonly [path: string]: string | { readonly default: string } } } =
  JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

/** All of them. */
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
