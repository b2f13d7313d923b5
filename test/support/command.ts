/** Runs the command: bundled and in its own process, as users do, or in the process of the tests. */
import { type ChildProcess, spawn } from "node:child_process"
import { Console } from "node:console"
import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { Readable, Writable } from "node:stream"
import { fileURLToPath } from "node:url"
import { ConfigProvider, Effect, type Scope } from "effect"
import { bundleCommand } from "../../scripts/bundle.js"
import { reportExit } from "../../src/cli/Process.js"
import { run } from "../../src/cli/run.js"

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

/** A stream, and the text that was written to it. */
const collecting = () => {
  const parts: Array<Buffer> = []
  const stream = new Writable({
    write: (part: Buffer, _, done) => {
      parts.push(part)
      done()
    }
  })
  return { stream, text: () => Buffer.concat(parts).toString() }
}

/** Sets a property until the scope closes. */
const replaced = (target: object, name: string, value: unknown): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const original = Object.getOwnPropertyDescriptor(target, name)
      Object.defineProperty(target, name, { configurable: true, enumerable: true, writable: true, value })
      return original
    }),
    (original) => Effect.sync(() => original && Object.defineProperty(target, name, original))
  )

// The streams of the process are replaced, so one command runs at a time.
const oneAtATime = Effect.unsafeMakeSemaphore(1)

/**
 * Runs the command in this process, with no standard input and with streams in the place of the process's own. It takes
 * a small part of the time of `runCommand`, most of which a process needs to load the library.
 */
export const runInProcess = (args: ReadonlyArray<string>, env: RunOptions["env"] = {}): Effect.Effect<Ran> =>
  Effect.gen(function* () {
    const [stdout, stderr] = [collecting(), collecting()]
    yield* replaced(process, "stdin", Readable.from([]))
    yield* replaced(process, "stdout", stdout.stream)
    yield* replaced(process, "stderr", stderr.stream)
    yield* replaced(globalThis, "console", new Console(stdout.stream, stderr.stream))
    const variables = ConfigProvider.fromMap(new Map(Object.entries(env)), { pathDelim: "_" })
    const exit = yield* Effect.exit(Effect.withConfigProvider(run(args), variables))
    const code = yield* reportExit(exit)
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  }).pipe(Effect.scoped, oneAtATime.withPermits(1))
