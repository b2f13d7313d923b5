/** The size of a bundled program, minified and gzipped, without lazily imported chunks. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as esbuild from "esbuild"
import * as vite from "vite"
import { programs } from "../programs/bundled.mjs"

const root = fileURLToPath(new URL("../", import.meta.url))
const target = "es2022"

/** Bundles with esbuild. Lazy imports are external, because its splitting would add their shared code to the entry. */
const byEsbuild = async (contents) => {
  const lazyIsExternal = {
    name: "lazy-is-external",
    setup: (build) =>
      build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
        kind === "dynamic-import" ? { path, external: true } : undefined
      )
  }
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: "program.mjs" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target,
    write: false,
    logLevel: "silent",
    plugins: [lazyIsExternal]
  })
  return [outputFiles[0].contents]
}

/** Bundles with Vite, which uses Rollup: the entry and the chunks that it imports statically. */
const byVite = async (contents) => {
  const id = `${root}program.mjs`
  const program = {
    name: "program",
    enforce: "pre",
    resolveId: (source) => (source === id ? id : undefined),
    load: (path) => (path === id ? contents : undefined)
  }
  const { output } = await vite.build({
    root,
    configFile: false,
    logLevel: "silent",
    plugins: [program],
    build: { write: false, target, minify: "esbuild", modulePreload: false, rollupOptions: { input: id } }
  })
  const loaded = new Set()
  const visit = (chunk) => {
    if (loaded.has(chunk)) return
    loaded.add(chunk)
    for (const name of chunk.imports) visit(output.find(({ fileName }) => fileName === name))
  }
  visit(output.find(({ isEntry }) => isEntry))
  return Array.from(loaded, ({ code }) => code)
}

const sizeOf = (chunks) => chunks.reduce((size, chunk) => size + gzipSync(chunk, { level: 9 }).length, 0) / 1024

/** @type {Record<string, (contents: string) => Promise<ReadonlyArray<string | Uint8Array>>>} */
const bundlersByName = { vite: byVite, esbuild: byEsbuild }

/**
 * Sizes in KiB by bundler and program. A program that cannot be bundled for a browser has a failure.
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureBundle = async ({ bundlers, bundled }) => {
  const sizes = Object.fromEntries(bundlers.map((bundler) => [bundler, {}]))
  for (const name of bundled) {
    for (const bundler of bundlers) {
      try {
        sizes[bundler][name] = { value: sizeOf(await bundlersByName[bundler](programs[name])) }
      } catch (error) {
        sizes[bundler][name] = { value: Number.NaN, failure: String(error) }
      }
    }
  }
  return sizes
}
