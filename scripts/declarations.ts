/** The declarations that the package publishes; `npm run build` writes them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The package's folder. */
export const root: string = fileURLToPath(new URL("..", import.meta.url))

/** Where they stand. */
export const dist: string = join(root, "dist")

/** A subpath of the package. */
export interface Entry {
  /** What a program imports. */
  readonly specifier: string
  /** The file of its declarations. */
  readonly file: string
}

const {
  name,
  exports
}: { name: string; exports: { readonly [subpath: string]: string | { readonly types: string } } } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8")
)

/** All subpaths that have declarations. */
export const entries: ReadonlyArray<Entry> = Object.entries(exports).flatMap(([subpath, target]) =>
  typeof target === "string" ? [] : [{ specifier: join(name, subpath), file: join(root, target.types) }]
)
