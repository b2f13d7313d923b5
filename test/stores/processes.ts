/** Starts processes of this library whose standard output is lines of JSON, and kills them with the scope. */
import { spawn } from "node:child_process"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, type Scope } from "effect"
import { buildSync } from "esbuild"

/** A process whose standard output is lines of JSON. */
export interface Runner {
  readonly lines: Array<unknown>
  /** When the first line came, on the clock of `performance`. */
  readonly readyAt: () => number
  readonly until: (isTrue: (lines: ReadonlyArray<unknown>) => boolean) => Promise<void>
  /** Sends SIGKILL and waits for the end of the process. */
  readonly kill: () => Promise<void>
  /** Sends SIGTERM and waits for the end of the process. */
  readonly terminate: () => Promise<void>
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
}

/** Variables of a process, added to those of this one. */
export interface Environment {
  readonly [name: string]: string
}

// For the packages that are no modules.
const commonJs = 'import { createRequire as requireIn } from "node:module"; const require = requireIn(import.meta.url)'

/** Makes one file of a program, which starts in a third of the time of its modules, and gives its path. */
export const compile = (program: URL): string => {
  const outfile = fileURLToPath(
    new URL(`../../node_modules/.cache/programs/${basename(program.pathname)}.mjs`, import.meta.url)
  )
  buildSync({
    entryPoints: [fileURLToPath(program)],
    outfile,
    bundle: true,
    // Finds its compiled part beside itself.
    external: ["better-sqlite3"],
    platform: "node",
    format: "esm",
    banner: { js: commonJs }
  })
  return outfile
}

/** Starts a compiled program with these variables and arguments. */
export const runner = (
  program: string,
  environment: Environment,
  ...args: ReadonlyArray<string>
): Effect.Effect<Runner, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => launch(program, environment, args)),
    ({ kill }) => Effect.promise(kill)
  )

const launch = (program: string, environment: Environment, args: ReadonlyArray<string>): Runner => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const lines: Array<unknown> = []
  let firstLineAt = Number.POSITIVE_INFINITY
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of waiting) check()
  }
  let rest = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const all = (rest + text).split("\n")
    rest = all.pop() ?? ""
    for (const line of all) {
      firstLineAt = Math.min(firstLineAt, performance.now())
      lines.push(parsed(line))
    }
    wake()
  })
  // Only then all of the output has been read.
  let isClosed = false
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      isClosed = true
      resolve()
    })
  )
  void ended.then(wake)
  const send = async (signal: "SIGKILL" | "SIGTERM") => {
    child.kill(signal)
    await ended
  }
  return {
    lines,
    ended,
    readyAt: () => firstLineAt,
    until: (isTrue) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const isMet = isTrue(lines)
          if (!isMet && !isClosed) return
          waiting.delete(check)
          if (isMet) resolve()
          else reject(new Error(`the process ended too early: ${JSON.stringify(lines.at(-1))}`))
        }
        waiting.add(check)
        check()
      }),
    kill: () => send("SIGKILL"),
    terminate: () => send("SIGTERM")
  }
}

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
