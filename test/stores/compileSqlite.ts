/** Compiles better-sqlite3 where it is missing; `npm ci` does not, as only these tests need it. */
import { execSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = join(fileURLToPath(new URL("../..", import.meta.url)), "node_modules", "better-sqlite3")

if (!existsSync(`${folder}/build/Release/better_sqlite3.node`)) {
  execSync("npm run install", { cwd: folder, stdio: "inherit" })
}
