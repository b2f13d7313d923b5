/** A folder as a stranger's: the packed library, what it says that it needs, and the program; nothing else. */
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { type Packed, root } from "../../scripts/pack.js"

const own = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Where things stand on the stage. */
export interface Stage {
  readonly folder: string
  /** For processes. */
  readonly program: string
  readonly backstage: string
  /** For a page, bundled with all that it needs. */
  readonly page: string
}

/** Links what the package declares; whatever else it imports is missing. */
const install = (modules: string, { manifest, folder }: Packed): void => {
  mkdirSync(modules, { recursive: true })
  renameSync(folder, join(modules, manifest.name))
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, "node_modules", name), join(modules, name), "junction")
  }
}

// Without our own configuration, by whose paths the library would be the source beside the tests.
const common = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", tsconfigRaw: {} } as const

/** Makes one file of ours, which imports packages by their names. */
const joined = async (from: string, to: string): Promise<string> => {
  await build({ ...common, entryPoints: [own(from)], outfile: to, packages: "external" })
  if (!/from "llm-connectivity/.test(readFileSync(to, "utf8"))) throw new Error(`${to} holds the library already`)
  return to
}

/** Sets the stage in a folder. */
export const setStage = async (folder: string, packed: Packed): Promise<Stage> => {
  install(join(folder, "node_modules"), packed)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  const page = join(folder, "page.js")
  await build({
    ...common,
    // From the stage, so that the library is the packed one.
    entryPoints: [await joined("onPage.ts", join(folder, "onPage.js"))],
    outfile: page,
    platform: "browser",
    format: "iife",
    // What is loaded only to serve.
    external: ["node:*", "@effect/platform-node/*"]
  })
  const program = await joined("onProcess.ts", join(folder, "onProcess.js"))
  return { folder, program, page, backstage: await joined("backstage.ts", join(folder, "backstage.js")) }
}
