/** One line of a terminal that is written over and over, and gone when it is no longer needed. */
import { Effect, type Scope } from "effect"
import type { Terminal } from "./Terminal.js"

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
// A terminal may take a character for wider than we do; then the line is clipped instead of becoming two.
const clip = "\u001b[?7l"
const wrap = "\u001b[?7h"
const eraseBelow = "\u001b[J"

/** A line that can be written over. */
export interface LiveLine {
  /** Shows a text of at most one column less than the terminal has, without any line end. */
  readonly show: (text: string) => void
  /** Takes the line away, and gives the cursor back. */
  readonly clear: () => void
}

/**
 * Takes a line of a terminal, from where the cursor is. The cursor waits at its beginning, so that a line which a smaller
 * terminal has broken into several is erased whole. When the scope closes or the process ends, it is given back.
 */
export const make = (to: Terminal): Effect.Effect<LiveLine, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        let isShown = false
        const show = (text: string): void => {
          to.write(`${isShown ? "" : hideCursor}${clip}\r${text}${eraseBelow}\r${wrap}`)
          isShown = true
        }
        const clear = (): void => {
          if (isShown) to.write(`\r${eraseBelow}${showCursor}`)
          isShown = false
        }
        return { show, clear, forget: atExit(clear) }
      }),
      ({ clear, forget }) =>
        Effect.sync(() => {
          clear()
          forget()
        })
    ),
    ({ show, clear }) => ({ show, clear })
  )

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Does something when the process ends without interrupting its fibers, as a signal does that nobody listens to. */
const atExit = (run: () => void): (() => void) => {
  const { process } = globalThis
  if (process?.once === undefined) return () => {}
  const onSignal = (signal: NodeJS.Signals): void => {
    run()
    if (process.listenerCount(signal) > 1) return
    forget()
    process.kill(process.pid, signal)
  }
  const forget = (): void => {
    process.off("exit", run)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on("exit", run)
  for (const signal of signals) process.on(signal, onSignal)
  return forget
}
