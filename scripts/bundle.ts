/**
 * Bundles the command and the terminal libraries of `llm-connectivity/progress` with their dependencies, so that users
 * need not install these, and collects the notices that their licenses require. `npm run build` runs it.
 */
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { type BuildOptions, build, type Metafile } from "esbuild"
import { bundleLibrary } from "./library.js"

const root = fileURLToPath(new URL("..", import.meta.url))

const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  charset: "utf8",
  metafile: true,
  legalComments: "none",
  // Saves a third of the size. Names stay readable, and lines stay short enough for stack traces.
  minifyWhitespace: true,
  lineLimit: 160,
  logLevel: "warning"
} as const satisfies BuildOptions

/** Bundles the command into `cli.js` of a folder, and the chunks that it loads on use into `cli/` next to it. */
export const bundleCommand = async (folder: string): Promise<Metafile> => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const { metafile } = await build({
    ...common,
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: folder,
    splitting: true,
    chunkNames: "cli/[name]-[hash]",
    // Three times as large as everything else. Token counts are exact if the user has it installed.
    external: ["gpt-tokenizer"],
    define: { LLM_CONNECTIVITY_VERSION: JSON.stringify(version) },
    banner: { js: requireForPackages }
  })
  chmodSync(join(folder, "cli.js"), 0o755)
  return metafile
}

// CommonJS packages load Node's modules by `require`, which ES modules do not have.
const requireForPackages =
  'import{createRequire as createRequireForPackages}from"node:module";const require=createRequireForPackages(import.meta.url);'

/** Bundles the terminal libraries into the one compiled module that imports them. */
export const bundleTerminalWidth = async (folder: string): Promise<Metafile> => {
  const { metafile } = await build({
    ...common,
    entryPoints: ["src/output/progress/TerminalWidth.ts"],
    outfile: join(folder, "output/progress/TerminalWidth.js")
  })
  return metafile
}

/** The packages in a bundle, as paths from the root. */
const packagesOf = (metafiles: ReadonlyArray<Metafile>): ReadonlyArray<string> => {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
    )
  )
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/** The notice that the license of a package requires in every copy. */
const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} has no license file; its notice cannot be included`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), "utf8").trim()}`
}

/** The license of the catalog's data, from a comment in its source. */
const catalogNotice = (): string => {
  const source = readFileSync(join(root, "src/catalog/snapshot.ts"), "utf8")
  const [, notice] = /\/\*\n([\s\S]*?)\*\//.exec(source) ?? []
  if (notice === undefined)
    throw new Error("src/catalog/snapshot.ts lacks the license of its data; run scripts/update-catalog.ts")
  return notice.trim()
}

/** All notices as one text. */
export const notices = (metafiles: ReadonlyArray<Metafile>): string => {
  const opening =
    "The bundled files of llm-connectivity (dist/cli.js, dist/cli, dist/output/progress/TerminalWidth.js) contain parts of:"
  const line = `\n\n${"-".repeat(80)}\n\n`
  return `${[opening, ...packagesOf(metafiles).map(noticeOf), catalogNotice()].join(line)}\n`
}

const bundleAll = async (): Promise<void> => {
  const dist = join(root, "dist")
  await bundleLibrary(dist)
  const metafiles = [await bundleCommand(dist), await bundleTerminalWidth(dist)]
  writeFileSync(join(dist, "THIRD-PARTY.txt"), notices(metafiles))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await bundleAll()
