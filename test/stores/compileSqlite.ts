/** Compiles better-sqlite3 where it is missing; `npm ci` does not, as only these tests need it. */
import { execSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../../node_modules/better-sqlite3", import.meta.url))

if (!existsSync(`${folder}/build/Release/better_sqlite3.node`)) {
  execSync("npm run install", { cwd: folder, stdio: "inherit" })
}
