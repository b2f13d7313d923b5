/** Runs a program on a pseudo-terminal of Linux, types into it and reads its screen. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { screen } from "./screen.js"

/** Whether this machine has the command `script` of util-linux, which provides the pseudo-terminal. */
export const canType = process.platform === "linux" && existsSync("/usr/bin/script")

export interface Session {
  readonly type: (keys: string) => void
  /** Waits until the visible rows satisfy the predicate. */
  readonly see: (predicate: (rows: ReadonlyArray<string>) => boolean) => Effect.Effect<ReadonlyArray<string>>
  /** Waits for the exit code. */
  readonly code: Effect.Effect<number | null>
  readonly isCursorHidden: () => boolean
}

/** Starts a program on a terminal, until the scope closes. */
export const startSession = (
  command: string,
  env: { readonly [variable: string]: string },
  columns: number
): Effect.Effect<Session, never, Scope.Scope> =>
  Effect.gen(function* () {
    const terminal = yield* screen(columns, 40)
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn("/usr/bin/script", ["-qfec", `stty cols ${columns} rows 40; exec ${command}`, "/dev/null"], {
          env: { PATH: process.env["PATH"], TERM: "xterm-256color", ...env },
          stdio: ["pipe", "pipe", "inherit"]
        })
      ),
      (process) => Effect.sync(() => process.kill("SIGKILL"))
    )
    const waiting = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      terminal.write(text)
      for (const check of waiting) check()
    })
    return {
      type: (keys) => void child.stdin.write(keys),
      see: (predicate) =>
        Effect.async((resume) => {
          const check = () =>
            Effect.runFork(
              Effect.map(terminal.rows, (rows) => {
                if (!predicate(rows)) return
                waiting.delete(check)
                resume(Effect.succeed(rows))
              })
            )
          waiting.add(check)
          check()
          return Effect.sync(() => void waiting.delete(check))
        }),
      code: Effect.async((resume) => {
        if (child.exitCode !== null) resume(Effect.succeed(child.exitCode))
        else child.on("close", (code) => resume(Effect.succeed(code)))
      }),
      isCursorHidden: terminal.isCursorHidden
    }
  })
