/** Checks the package as strangers get it, by `npm run check:package`: what is in it, what it needs, how it resolves. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, posix } from "node:path"
import { promisify } from "node:util"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { namedBy, needsOf } from "./needs.js"
import { type Packed, pack, root } from "./pack.js"

/** What is wrong with a package, in sentences. */
type Check = (packed: Packed) => ReadonlyArray<string> | Promise<ReadonlyArray<string>>

const kibi = 1024

/** Ceilings in bytes, of what is downloaded and of what then lies on the disk; to be raised only for a reason. */
const ceilings = { size: 1200 * kibi, unpackedSize: 5000 * kibi }

/** All that a page may load to read our server-sent events. */
const pageNeeds = ["eventsource-parser"]

const bundledNotices = "dist/THIRD-PARTY.txt"

const wanted = ["package.json", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", bundledNotices]

/** Code with its types and maps, and the sources that the maps lead to. */
const allowed = /^(?:dist\/[\w./-]+\.(?:js|d\.ts|js\.map|d\.ts\.map)|src\/[\w./-]+(?<!\.test)\.ts)$/

const contents: Check = ({ files }) => {
  const paths = files.map(({ path }) => path)
  return [
    ...wanted.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...paths.filter((path) => !wanted.includes(path) && !allowed.test(path)).map((path) => `${path} is not needed`)
  ]
}

const sizes: Check = (packed) =>
  (["size", "unpackedSize"] as const)
    .filter((name) => packed[name] > ceilings[name])
    .map((name) => `its ${name} is ${packed[name]} bytes, more than ${ceilings[name]}`)

const installScripts: Check = ({ manifest }) =>
  ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]
    .filter((name) => name in manifest.scripts)
    .map((name) => `its script ${name} would run where it is installed`)

const dependencies: Check = ({ manifest }) => {
  const names = Object.keys(manifest.dependencies)
  return names.join() === "eventsource-parser" ? [] : [`it depends on ${names}; all but eventsource-parser are peers`]
}

/** The entry of each subpath that has code, and the commands. */
const entriesOf = ({ manifest: { exports, bin = {} } }: Packed) => ({
  subpaths: Object.entries(exports).flatMap(([subpath, entry]) =>
    typeof entry === "string" ? [] : [{ subpath, path: posix.normalize(entry.default) }]
  ),
  commands: (typeof bin === "string" ? [bin] : Object.values(bin)).map((path) => posix.normalize(path))
})

// Their indexes load every module that they have.
const wholes: ReadonlyArray<string> = ["effect", "@effect/platform"]

const without = (names: ReadonlySet<string>, known: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...names].filter((name) => !known.includes(name))

const imports: Check = async (packed) => {
  const { folder, files, manifest } = packed
  const { subpaths, commands } = entriesOf(packed)
  const isOptional = (name: string): boolean => manifest.peerDependenciesMeta[name]?.optional === true
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const required = declared.filter((name) => !isOptional(name))
  const ofSubpaths = await Promise.all(
    subpaths.map(async ({ subpath, path }) => {
      const { atOnce, modules, ever, isForNode } = await needsOf(folder, path)
      const isCore = subpath === "."
      return [
        ...without(ever, declared).map((name) => `${subpath} imports ${name}, which package.json does not name`),
        ...(isCore ? without(atOnce, required).map((name) => `${subpath} cannot do without the optional ${name}`) : []),
        ...(isCore && isForNode ? [`${subpath} cannot do without Node`] : []),
        ...modules.filter((name) => wholes.includes(name)).map((name) => `${subpath} imports the whole of ${name}`),
        // The sources do; a chunk that they share with the core would not.
        ...(subpath === "./browser" ? without(ever, pageNeeds).map((name) => `${subpath} loads ${name} in a page`) : [])
      ]
    })
  )
  const ofCommands = await Promise.all(
    commands.map(async (path) =>
      [...(await needsOf(folder, path)).atOnce].map(
        (name) => `${path} cannot do without ${name}, which npx does not bring`
      )
    )
  )
  const ofTypes = files
    .filter(({ path }) => path.endsWith(".d.ts"))
    .flatMap(({ path }) => without(namedBy(folder, path), declared).map((name) => `the types of ${path} need ${name}`))
  return [...ofSubpaths, ...ofCommands, ofTypes].flat()
}

const maps: Check = ({ folder, files }) => {
  const paths = files.map(({ path }) => path)
  const led = paths
    .filter((path) => path.endsWith(".map"))
    .flatMap((path): ReadonlyArray<{ readonly path: string; readonly source: string }> => {
      const { sources } = JSON.parse(readFileSync(join(folder, path), "utf8"))
      return sources.map((source: string) => ({ path, source: posix.join(posix.dirname(path), source) }))
    })
    // What is bundled from other packages has its sources there.
    .filter(({ source }) => !source.includes("node_modules/"))
  const sources = new Set(led.map(({ source }) => source))
  return [
    ...led
      .filter(({ source }) => !paths.includes(source))
      .map(({ path, source }) => `${path} leads to ${source}, which is not in the package`),
    ...paths
      .filter((path) => path.startsWith("src/") && !sources.has(path))
      .map((path) => `${path} is not needed, as no map leads to it`)
  ]
}

/** The build writes the notices from what it has bundled; here is only seen that it has. */
const notices: Check = ({ folder, files }) => {
  const isThere = files.some(({ path }) => path === bundledNotices)
  const told = isThere ? readFileSync(join(folder, bundledNotices), "utf8") : ""
  return [/^effect [\d.]+ \(MIT\)$/m, /models\.dev/]
    .filter((notice) => !notice.test(told))
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
