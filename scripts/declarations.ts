/** The declarations that the package publishes; `npm run build` writes them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The root folder of the package. */
export const root: string = fileURLToPath(new URL("..", import.meta.url))

/** The folder of the declarations. */
export const dist: string = join(root, "dist")

/** A subpath of the package. */
export interface Entry {
  /** The import specifier. */
  readonly specifier: string
  /** Its declaration file. */
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
