/** Runs the command as people do: bundled, and as a process of its own. */
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
  /** What is piped in; nothing by default, as from `/dev/null`. */
  readonly input?: string | Uint8Array
  /** Is shown the process whenever something comes of it. */
  readonly onOutput?: (child: ChildProcess, stdout: string) => void
}

/** A bundle of the command, gone with the scope. Beside the packages, so that it finds those that are optional. */
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

/** Runs the command to its end. */
export const runCommand = (
  path: string,
  words: ReadonlyArray<string>,
  { env, input, onOutput = () => {} }: RunOptions = {}
): Effect.Effect<Ran> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [path, ...words], {
      env: environment(env),
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"]
    })
    const written = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        written[name] += text
        onOutput(child, written.stdout)
      })
    }
    child.on("close", (code) => resume(Effect.succeed({ code, ...written })))
    child.stdin?.on("error", () => {}).end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })
