/** Builds and packs the library from a copy of the tree, so that the tree and its `dist` do not change. */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** The root folder of the library. */
export const root: string = fileURLToPath(new URL("..", import.meta.url))

/** The fields of package.json that the scripts read. */
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

/** The packed library, as users install it. */
export interface Packed {
  readonly tarball: string
  /** The folder of the unpacked tarball. */
  readonly folder: string
  readonly manifest: Manifest
  /** The files in it, with their sizes in bytes. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly size: number }>
  /** The size of the tarball, and of its unpacked files, in bytes. */
  readonly size: number
  readonly unpackedSize: number
}

const run = promisify(execFile)

// The build does not read these.
const excluded = [".git", "node_modules", "dist", "coverage"]

/** Builds and packs. An error contains the output of the build. */
const reportOf = async (tree: string, into: string) => {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", into], {
    cwd: tree,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === "win32"
  }).catch(({ stdout, stderr }) => Promise.reject(new Error(`npm pack failed\n${stdout}\n${stderr}`)))
  // The output of the build precedes the JSON.
  return JSON.parse(stdout.slice(stdout.search(/^\[/m)))
}

/** Packs into a folder, which the caller removes. */
export const pack = async (into: string): Promise<Packed> => {
  const tree = join(into, "tree")
  cpSync(root, tree, { recursive: true, filter: (path) => path === root || !excluded.includes(basename(path)) })
  symlinkSync(join(root, "node_modules"), join(tree, "node_modules"), "junction")
  const [report] = await reportOf(tree, into)
  const tarball = join(into, report.filename)
  const folder = join(into, "package")
  mkdirSync(folder)
  await run("tar", ["-xzf", tarball, "-C", into])
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  return { tarball, folder, manifest, files: report.files, size: report.size, unpackedSize: report.unpackedSize }
}
