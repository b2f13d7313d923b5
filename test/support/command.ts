/** Runs the bundled command in its own process, as users do. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { bundleCommand } from "../../scripts/bundle.js"

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: { readonly [variable: string]: string }
  /** The standard input. Default: none, as from `/dev/null`. */
  readonly input?: string | Uint8Array
  /** Called with the process and all that it has written whenever it has written something. */
  readonly onOutput?: (child: ChildProcess, stdout: string, stderr: string) => void
}

/** Bundles the command, until the scope closes. The folder is in `node_modules`, where optional packages resolve. */
export const bundled: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    const cache = fileURLToPath(new URL("../../node_modules/", import.meta.url))
    const folder = mkdtempSync(join(cache, ".command-"))
    await bundleCommand(folder)
    return join(folder, "cli.js")
  }),
  (path) => Effect.sync(() => rmSync(join(path, ".."), { recursive: true, force: true }))
)

const environment = (env: RunOptions["env"]) => ({ PATH: process.env["PATH"], HOME: process.env["HOME"], ...env })

/** Runs the command until it exits. */
export const runCommand = (
  path: string,
  args: ReadonlyArray<string>,
  { env, input, onOutput = () => {} }: RunOptions = {}
): Effect.Effect<Ran> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [path, ...args], {
      env: environment(env),
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
    })
    const written = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        written[name] += text
        onOutput(child, written.stdout, written.stderr)
      })
    }
    child.on("close", (code) => resume(Effect.succeed({ code, ...written })))
    child.stdin?.on("error", () => {}).end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
