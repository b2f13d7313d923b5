/** The lock files of the repository, and which of their entries `npm ci` would install unchecked. */
import { execFileSync } from "node:child_process"

interface LockEntry {
  readonly name?: string
  readonly version?: string
  readonly link?: boolean
  readonly integrity?: string
}

export interface LockFile {
  readonly packages: { readonly [location: string]: LockEntry }
}

/** Paths from the root of the repository. */
export const lockFiles = (): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "package-lock.json", "**/package-lock.json"], { encoding: "utf8" })
    .split("\n")
    .filter((path) => path !== "")

/** Locations such as `node_modules/a/node_modules/b`. The root (an empty location) and linked folders have no hash. */
export const entriesWithoutHash = ({ packages }: LockFile): ReadonlyArray<string> =>
  Object.entries(packages).flatMap(([location, { link, integrity }]) =>
    location.includes("node_modules/") && link !== true && integrity === undefined ? [location] : []
  )

/** The name in the registry: an alias is installed under another name, and `name` says which package it is. */
export const packageName = (location: string, { name }: LockEntry): string =>
  name ?? location.slice(location.lastIndexOf("node_modules/") + "node_modules/".length)
