/** The runtimes that are tried: where their binaries are, and how each runs a program. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { executablePath } from "../web-chat/chromium.js"

/** A runtime on this machine, or the variable that can name one. */
export interface Found {
  readonly name: string
  /** The variable that names another binary. */
  readonly variable: string
  readonly binary: string | undefined
  /** What stands between the binary and the program. */
  readonly arguments: ReadonlyArray<string>
}

const here = `${process.platform}-${process.arch}`

const bun: { readonly [platform: string]: string } = {
  "linux-x64": "bun-linux-x64/bin/bun",
  "linux-arm64": "bun-linux-aarch64/bin/bun",
  "darwin-x64": "bun-darwin-x64/bin/bun",
  "darwin-arm64": "bun-darwin-aarch64/bin/bun",
  "win32-x64": "bun-windows-x64/bin/bun.exe"
}

const deno: { readonly [platform: string]: string } = {
  "linux-x64": "linux-x64-glibc/deno",
  "linux-arm64": "linux-arm64-glibc/deno",
  "darwin-x64": "darwin-x64/deno",
  "darwin-arm64": "darwin-arm64/deno",
  "win32-x64": "win32-x64/deno.exe"
}

const installed = (path: string): string => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url))

const found = (name: string, variable: string, path: string, options: ReadonlyArray<string> = []): Found => {
  const binary = resolve(process.env[variable] ?? path)
  return { name, variable, binary: existsSync(binary) ? binary : undefined, arguments: options }
}

const node = (major: number): Found =>
  found(`Node ${major}`, `NODE_${major}`, installed(`node${major}-${here}/bin/node`))

/** What Deno lets the program do: read its modules, ask loopback, look at the environment. No writing, no running. */
const permissions = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-net=127.0.0.1"]

/** All that run a file. */
export const runtimes: ReadonlyArray<Found> = [
  node(20),
  node(22),
  node(24),
  found("Bun", "BUN", installed(`@oven/${bun[here]}`)),
  found("Deno", "DENO", installed(`@deno/${deno[here]}`), permissions)
]

/** The browser, which is not of the registry. */
export const chromium: Found = found("Chromium", "CHROMIUM", executablePath)
