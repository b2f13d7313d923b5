/** Checks the packed package: its files, its dependencies and its exports. `npm run check:package` runs it. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, posix } from "node:path"
import { promisify } from "node:util"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { namedBy, needsOf } from "./needs.js"
import { type Packed, pack, root } from "./pack.js"

/** Lists the problems of a package. */
type Check = (packed: Packed) => ReadonlyArray<string> | Promise<ReadonlyArray<string>>

const kibi = 1024

/**
 * The largest sizes allowed for the tarball and the unpacked package, in bytes. Raise them only for a reason; the last one
 * was the gateway in the command, durable work and batches.
 */
const sizeLimits = { size: 2000 * kibi, unpackedSize: 8300 * kibi }

const bundledNotices = "dist/THIRD-PARTY.txt"

const requiredFiles = ["package.json", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", bundledNotices]

/** Code with its types and source maps, and the sources that the maps refer to. */
const allowed = /^(?:dist\/[\w./-]+\.(?:js|d\.ts|js\.map|d\.ts\.map)|src\/[\w./-]+(?<!\.test)\.ts)$/

const contents: Check = ({ files }) => {
  const paths = files.map(({ path }) => path)
  return [
    ...requiredFiles.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths
      .filter((path) => !requiredFiles.includes(path) && !allowed.test(path))
      .map((path) => `${path} is not needed`)
  ]
}

const sizes: Check = (packed) =>
  (["size", "unpackedSize"] as const)
    .filter((name) => packed[name] > sizeLimits[name])
    .map((name) => `its ${name} is ${packed[name]} bytes; the limit is ${sizeLimits[name]}`)

const installScripts: Check = ({ manifest }) =>
  ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]
    .filter((name) => name in manifest.scripts)
    .map((name) => `its script ${name} would run on installation`)

const dependencies: Check = ({ manifest }) => {
  const names = Object.keys(manifest.dependencies ?? {})
  return names.length === 0 ? [] : [`it depends on ${names}; make them peer dependencies`]
}

/** The code entry of each subpath, and the commands. */
const entriesOf = ({ manifest: { exports, bin = {} } }: Packed) => ({
  subpaths: Object.entries(exports).flatMap(([subpath, entry]) =>
    typeof entry === "string" ? [] : [{ subpath, path: posix.normalize(entry.default) }]
  ),
  commands: (typeof bin === "string" ? [bin] : Object.values(bin)).map((path) => posix.normalize(path))
})

// The indexes of these packages load all of their modules.
const indexedPackages: ReadonlyArray<string> = ["effect", "@effect/platform"]

const notIn = (names: ReadonlySet<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...names].filter((name) => !known.includes(name))

const imports: Check = async (packed) => {
  const { folder, files, manifest } = packed
  const { subpaths, commands } = entriesOf(packed)
  const isOptional = (name: string): boolean => manifest.peerDependenciesMeta[name]?.optional === true
  const declared = Object.keys(manifest.peerDependencies)
  const required = declared.filter((name) => !isOptional(name))
  const ofSubpaths = await Promise.all(
    subpaths.map(async ({ subpath, path }) => {
      const { immediate, modules, all, isForNode } = await needsOf(folder, path)
      const isCore = subpath === "."
      return [
        ...notIn(all, declared).map((name) => `${subpath} imports ${name}, which package.json does not declare`),
        ...(isCore ? notIn(immediate, required).map((name) => `${subpath} requires the optional peer ${name}`) : []),
        ...(isCore && isForNode ? [`${subpath} requires Node`] : []),
        ...modules
          .filter((name) => indexedPackages.includes(name))
          .map((name) => `${subpath} imports the index of ${name}, which loads all of it`),
        // Checked on the bundle: a chunk shared with the core could add packages that the sources do not import.
        ...(subpath === "./browser" ? [...all].map((name) => `${subpath} loads ${name} in a web page`) : [])
      ]
    })
  )
  const ofCommands = await Promise.all(
    commands.map(async (path) =>
      [...(await needsOf(folder, path)).immediate].map((name) => `${path} requires ${name}, which npx does not install`)
    )
  )
  const ofTypes = files
    .filter(({ path }) => path.endsWith(".d.ts"))
    .flatMap(({ path }) => notIn(namedBy(folder, path), declared).map((name) => `the types of ${path} need ${name}`))
  return [...ofSubpaths, ...ofCommands, ofTypes].flat()
}

const maps: Check = ({ folder, files }) => {
  const paths = files.map(({ path }) => path)
  const mapped = paths
    .filter((path) => path.endsWith(".map"))
    .flatMap((path): ReadonlyArray<{ readonly path: string; readonly source: string }> => {
      const { sources } = JSON.parse(readFileSync(join(folder, path), "utf8"))
      return sources.map((source: string) => ({ path, source: posix.join(posix.dirname(path), source) }))
    })
    // Sources of bundled packages are in those packages.
    .filter(({ source }) => !source.includes("node_modules/"))
  const sources = new Set(mapped.map(({ source }) => source))
  return [
    ...mapped
      .filter(({ source }) => !paths.includes(source))
      .map(({ path, source }) => `${path} refers to ${source}, which is not in the package`),
    ...paths
      .filter((path) => path.startsWith("src/") && !sources.has(path))
      .map((path) => `${path} is not needed: no source map refers to it`)
  ]
}

/** The build writes the notices of everything it bundles. This only checks that it did. */
const notices: Check = ({ folder, files }) => {
  const exists = files.some(({ path }) => path === bundledNotices)
  const text = exists ? readFileSync(join(folder, bundledNotices), "utf8") : ""
  return [/^effect [\d.]+ \(MIT\)$/m, /models\.dev/]
    .filter((notice) => !notice.test(text))
    .map((notice) => `${bundledNotices} lacks the notice of ${notice}`)
}

const byPublint: Check = async ({ tarball }) => {
  const bytes = readFileSync(tarball)
  const tarballBytes = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: tarballBytes }, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}

const byAttw: Check = ({ tarball }) => {
  const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js")
  return promisify(execFile)(process.execPath, [
    attw,
    tarball,
    "--profile",
    "esm-only",
    "--no-color",
    "--no-emoji"
  ]).then(
    () => [],
    ({ stdout, stderr }) => [`attw: ${stdout}${stderr}`]
  )
}

const checks: ReadonlyArray<Check> = [
  contents,
  sizes,
  installScripts,
  dependencies,
  imports,
  maps,
  notices,
  byPublint,
  byAttw
]

const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-package-"))
try {
  const packed = await pack(folder)
  const problems = (await Promise.all(checks.map((check) => check(packed)))).flat()
  const { size, unpackedSize, files } = packed
  const facts = `${files.length} files, ${Math.ceil(size / kibi)} KiB packed, ${Math.ceil(unpackedSize / kibi)} KiB unpacked`
  process.stdout.write(`${[facts, ...problems.map((problem) => `✗ ${problem}`)].join("\n")}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
