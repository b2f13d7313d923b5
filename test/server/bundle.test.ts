/** The bundle size of the browser entry. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "esbuild"
import { describe, expect, it } from "vitest"

const bundle = () =>
  build({
    entryPoints: [fileURLToPath(new URL("../../src/browser/index.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true
  })

describe("llm-connectivity/browser", () => {
  it("is bundled without Effect, and within 4 KiB", async () => {
    const { metafile, outputFiles } = await bundle()
    const external = Object.keys(metafile.inputs).filter((path) => !/(^|\/)src\//.test(path))
    expect(external).toEqual([])
    expect(gzipSync(outputFiles[0]?.contents ?? "").length).toBeLessThan(4096)
  })
})
