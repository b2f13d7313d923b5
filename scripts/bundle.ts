/**
 * Bundles what people are not to install: the command with everything that it needs, and the terminal libraries of
 * `llm-connectivity/progress`; and gathers the notices that their licences ask for. `npm run build` runs it.
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
  // Smaller by a third; names stay, and so do lines that a stack trace can point at.
  minifyWhitespace: true,
  lineLimit: 160,
  logLevel: "warning"
} as const satisfies BuildOptions

/** Bundles the command into `cli.js` of a folder, and what it loads only when needed into `cli/` beside it. */
export const bundleCommand = async (folder: string): Promise<Metafile> => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const { metafile } = await build({
    ...common,
    entryPoints: { cli: "src/cli/main.ts" },
    outdir: folder,
    splitting: true,
    chunkNames: "cli/[name]-[hash]",
    // Three times as large as all else; where it is installed, counts are exact.
    external: ["gpt-tokenizer"],
    define: { LLM_CONNECTIVITY_VERSION: JSON.stringify(version) },
    banner: { js: requireForPackages }
  })
  chmodSync(join(folder, "cli.js"), 0o755)
  return metafile
}

// Packages that are no modules ask for Node's own by `require`, which modules lack.
const requireForPackages =
  'import{createRequire as createRequireForPackages}from"node:module";const require=createRequireForPackages(import.meta.url);'

/** Bundles the terminal libraries into the one compiled module that imports them; all others stay as they are. */
export const bundleTerminalWidth = async (folder: string): Promise<Metafile> => {
  const { metafile } = await build({
    ...common,
    entryPoints: ["src/output/progress/TerminalWidth.ts"],
    outfile: join(folder, "output/progress/TerminalWidth.js")
  })
  return metafile
}

/** The packages of a bundle, as paths from the root. */
const packagesOf = (metafiles: ReadonlyArray<Metafile>): ReadonlyArray<string> => {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
    )
  )
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/** What the licence of a package wants to be told to everyone who gets a copy. */
const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))
  const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} comes without the text of its licence`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), "utf8").trim()}`
}

/** The licence of the data that is in the catalog, which stands in its source. */
const noticeOfCatalogue = (): string => {
  const source = readFileSync(join(root, "src/catalog/snapshot.ts"), "utf8")
  const [, notice] = /\/\*\n([\s\S]*?)\*\//.exec(source) ?? []
  if (notice === undefined) throw new Error("src/catalog/snapshot.ts has lost the licence of its data")
  return notice.trim()
}

/** All notices, as one text. */
export const notices = (metafiles: ReadonlyArray<Metafile>): string => {
  const opening =
    "The bundled files of llm-connectivity (dist/cli.js, dist/cli, dist/output/progress/TerminalWidth.js) hold parts of:"
  const line = `\n\n${"-".repeat(80)}\n\n`
  return `${[opening, ...packagesOf(metafiles).map(noticeOf), noticeOfCatalogue()].join(line)}\n`
}

const bundleAll = async (): Promise<void> => {
  const dist = join(root, "dist")
  await bundleLibrary(dist)
  const metafiles = [await bundleCommand(dist), await bundleTerminalWidth(dist)]
  writeFileSync(join(dist, "THIRD-PARTY.txt"), notices(metafiles))
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await bundleAll()
