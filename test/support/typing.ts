/** Somebody at a terminal: types into a program on a pseudo-terminal of Linux, and sees what it shows. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { screen } from "./screen.js"

/** Whether this machine can give a program a terminal (`script` of util-linux). */
export const canType = process.platform === "linux" && existsSync("/usr/bin/script")

export interface Seat {
  readonly type: (keys: string) => void
  /** Waits until the rows that are seen fit. */
  readonly see: (fits: (rows: ReadonlyArray<string>) => boolean) => Effect.Effect<ReadonlyArray<string>>
  /** Waits for the end, and gives the exit code. */
  readonly code: Effect.Effect<number | null>
  readonly isCursorHidden: () => boolean
}

/** Sits down at a program. */
export const sit = (
  command: string,
  env: { readonly [variable: string]: string },
  columns: number
): Effect.Effect<Seat, never, Scope.Scope> =>
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
    const watching = new Set<() => void>()
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      terminal.write(text)
      for (const look of watching) look()
    })
    return {
      type: (keys) => void child.stdin.write(keys),
      see: (fits) =>
        Effect.async((resume) => {
          const look = () =>
            Effect.runFork(
              Effect.map(terminal.rows, (rows) => {
                if (!fits(rows)) return
                watching.delete(look)
                resume(Effect.succeed(rows))
              })
            )
          watching.add(look)
          look()
          return Effect.sync(() => void watching.delete(look))
        }),
      code: Effect.async((resume) => {
        if (child.exitCode !== null) resume(Effect.succeed(child.exitCode))
        else child.on("close", (code) => resume(Effect.succeed(code)))
      }),
      isCursorHidden: terminal.isCursorHidden
    }
  })
