/**
 * Adds the hashes that lock files lack: `npm run lock:hashes`.
 *
 * npm writes the hash of a package when it downloads it, so entries for other platforms stay without one, and `npm ci`
 * there installs whatever the registry serves. The registry's metadata has each hash.
 */
import { execFile } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { promisify } from "node:util"
import { entriesWithoutHash, lockFiles, packageName } from "./lockFiles.js"

const run = promisify(execFile)

const hashOf = async (name: string, version: string): Promise<string> => {
  const { stdout } = await run("npm", ["view", `${name}@${version}`, "dist.integrity"])
  const hash = stdout.trim()
  if (!/^sha512-[\w+/]+=*$/.test(hash)) throw new Error(`The registry has no SHA-512 hash for ${name}@${version}.`)
  return hash
}

for (const path of lockFiles()) {
  const lock = JSON.parse(readFileSync(path, "utf8"))
  const missing = entriesWithoutHash(lock)
  for (const location of missing) {
    const entry = lock.packages[location]
    // npm writes `integrity` after `version`, and compares nothing but values: the order only keeps diffs small.
    const { version, ...rest } = entry
    lock.packages[location] = { version, integrity: await hashOf(packageName(location, entry), version), ...rest }
  }
  if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  process.stdout.write(`${path}: ${missing.length} hashes added\n`)
}
