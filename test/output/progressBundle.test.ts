/** The progress display works without installing the terminal libraries. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build, type Metafile } from "esbuild"
import { afterAll, describe, expect, it } from "vitest"
import { bundleTerminalWidth, notices } from "../../scripts/bundle.js"

const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-"))
afterAll(() => rmSync(folder, { recursive: true }))

const source = (path: string): string => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** The packages and the project's modules that a module imports, directly or indirectly. */
const importsOf = async (
  path: string
): Promise<{ readonly packages: ReadonlyArray<string>; readonly modules: Metafile["inputs"] }> => {
  const { metafile } = await build({
    entryPoints: [source(path)],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    write: false,
    metafile: true
  })
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports)
  const packages = imports
    .filter(({ external }) => external)
    .map(({ path }) => path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"))
  return { packages: [...new Set(packages)].sort(), modules: metafile.inputs }
}

describe("the terminal libraries", () => {
  it("are bundled into the only module that imports them, and work without installation", async () => {
    const metafile = await bundleTerminalWidth(folder)
    const path = join(folder, "output/progress/TerminalWidth.js")
    expect(readFileSync(path, "utf8")).not.toMatch(/\bimport\b|\brequire\(/)
    const { widthOf, cutEnd } = await import(pathToFileURL(path).href)
    expect([widthOf("日本 👩‍👩‍👧"), cutEnd("日本語", 4)]).toEqual([7, "日…"])
    const text = notices([metafile])
    for (const name of ["string-width", "cli-truncate", "models.dev"]) expect(text).toContain(name)
    expect(text.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(3)
  })

  it("are imported by llm-connectivity/progress only through that module", async () => {
    const { packages, modules } = await importsOf("output/progress/index.ts")
    expect(packages).toEqual(["cli-truncate", "effect", "string-width"])
    const importing = Object.entries(modules).filter(([, { imports }]) =>
      imports.some(({ path }) => /^(?:cli-truncate|string-width)$/.test(path))
    )
    expect(importing.map(([path]) => path)).toEqual(["src/output/progress/TerminalWidth.ts"])
  })

  it("are not imported by the main entry, which imports only its peers", async () => {
    const { packages, modules } = await importsOf("index.ts")
    expect(packages).toEqual(["@effect/platform", "effect"])
    expect(Object.keys(modules).filter((path) => /output\/progress|\/cli\//.test(path))).toEqual([])
  })
})
