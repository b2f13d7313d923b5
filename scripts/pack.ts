/** Builds and packs the library from a copy of the tree, so that the tree and its `dist` stay as they are. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** The folder of the library. */
export const root: string = fileURLToPath(new URL("..", import.meta.url))

/** What we read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly repository?: unknown
  readonly bin?: string | { readonly [name: string]: string }
  readonly exports: { readonly [subpath: string]: string | { readonly types: string; readonly default: string } }
  readonly scripts: { readonly [name: string]: string }
  readonly dependencies: { readonly [name: string]: string }
  readonly peerDependencies: { readonly [name: string]: string }
  readonly peerDependenciesMeta: { readonly [name: string]: { readonly optional?: boolean } | undefined }
}

/** The library as strangers get it. */
export interface Packed {
  readonly tarball: string
  /** Where the tarball has been unpacked. */
  readonly folder: string
  readonly manifest: Manifest
  /** The paths in it, with their sizes in bytes. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
  /** The bytes of the tarball, and of what is in it. */
  readonly size: number
  readonly unpackedSize: number
}

const run = promisify(execFile)

// Neither made by the build nor read by it.
const leftOut = [".git", "node_modules", "dist", "coverage"]

/** Builds and packs; says what the build said where that fails. */
const reportOf = async (tree: string, into: string) => {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", into], {
    cwd: tree,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32"
  }).catch(({ stdout, stderr }) => Promise.reject(new Error(`npm pack failed\n${stdout}\n${stderr}`)))
  // What the build prints comes before it.
  return JSON.parse(stdout.slice(stdout.search(/^\[/m)))
}

/** Packs into a folder of the caller's, who removes it. */
export const pack = async (into: string): Promise<Packed> => {
  const tree = join(into, "tree")
  cpSync(root, tree, { recursive: true, filter: (path) => path === root || !leftOut.includes(basename(path)) })
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"), "junction")
  const [report] = await reportOf(tree, into)
  const tarball = join(into, report.filename)
  const folder = join(into, "package")
  mkdirSync(folder)
  await run("tar", ["-xzf", tarball, "-C", into])
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return { tarball, folder, manifest, files: report.files, size: report.size, unpackedSize: report.unpackedSize }
}
