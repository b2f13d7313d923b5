/** Builds the library and, in parallel, installs the peers if they are missing or outdated. */
import { spawn } from "node:child_process"
import { statSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const npm = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn("npm", args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" })
    child.once("error", reject)
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`npm ${args.join(" ")} exited with ${code}`))
    )
  })

const changedAt = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0

// npm writes this file at the end of an installation.
const isInstalled = changedAt("node_modules/.package-lock.json") > changedAt("package-lock.json")

await Promise.all([npm("run", "build"), isInstalled || npm("--prefix", "bench", "ci", "--no-audit", "--no-fund")])
