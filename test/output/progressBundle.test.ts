/** What has to be installed for progress to be shown: nothing. */
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

/** The packages that a module and all that it imports ask for, and our own modules among them. */
const reached = async (
  path: string
): Promise<{ readonly packages: ReadonlyArray<string>; readonly own: Metafile["inputs"] }> => {
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
    .map((each) => each.path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, "$1"))
  return { packages: [...new Set(packages)].sort(), own: metafile.inputs }
}

describe("the terminal libraries", () => {
  it("are in the one module that imports them, with nothing left to install, and do what they do", async () => {
    const metafile = await bundleTerminalWidth(folder)
    const path = join(folder, "output/progress/TerminalWidth.js")
    expect(readFileSync(path, "utf8")).not.toMatch(/\bimport\b|\brequire\(/)
    const { widthOf, cutEnd } = await import(pathToFileURL(path).href)
    expect([widthOf("日本 👩‍👩‍👧"), cutEnd("日本語", 4)]).toEqual([7, "日…"])
    const text = notices([metafile])
    for (const name of ["string-width", "cli-truncate", "models.dev"]) expect(text).toContain(name)
    expect(text.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(3)
  })

  it("are reached by llm-connectivity/progress through that module alone", async () => {
    const { packages, own } = await reached("output/progress/index.ts")
    expect(packages).toEqual(["cli-truncate", "effect", "string-width"])
    const importing = Object.entries(own).filter(([, { imports }]) =>
      imports.some(({ path }) => /^(?:cli-truncate|string-width)$/.test(path))
    )
    expect(importing.map(([path]) => path)).toEqual(["src/output/progress/TerminalWidth.ts"])
  })

  it("are not reached by the library itself, nor is anything else that is not a peer", async () => {
    const { packages, own } = await reached("index.ts")
    expect(packages).toEqual(["@effect/platform", "effect", "eventsource-parser"])
    expect(Object.keys(own).filter((path) => /output\/progress|\/cli\//.test(path))).toEqual([])
  })
})
