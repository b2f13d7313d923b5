/** A line of a terminal that is redrawn in place. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Terminal } from "./Terminal.js"

const hideCursor = "\u001b[?25l"
const showCursor = "\u001b[?25h"
// If a terminal measures a character wider than we do, the line is clipped instead of wrapped.
const clip = "\u001b[?7l"
const wrap = "\u001b[?7h"
const eraseBelow = "\u001b[J"

/** A line that can be redrawn. */
export interface LiveLine {
  /** Shows a text without line ends, at least one column narrower than the terminal. */
  readonly show: (text: string) => void
  /** Erases the line and shows the cursor. */
  readonly clear: () => void
}

/**
 * Makes the line at the cursor redrawable. The cursor stays at the beginning of the line, so that the line is erased
 * completely even if a narrower terminal has wrapped it. The line is cleared when the scope closes or the process exits.
 */
export const makeLiveLine = (to: Terminal): Effect.Effect<LiveLine, never, Scope.Scope> =>
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
        return { show, clear, removeExitHandler: atExit(clear) }
      }),
      ({ clear, removeExitHandler }) =>
        Effect.sync(() => {
          clear()
          removeExitHandler()
        })
    ),
    ({ show, clear }) => ({ show, clear })
  )

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Runs a callback when the process exits without interrupting its fibers, as on a signal without a listener. */
const atExit = (run: () => void): (() => void) => {
  const { process } = globalThis
  if (process?.once === undefined) return () => {}
  const onSignal = (signal: NodeJS.Signals): void => {
    run()
    if (process.listenerCount(signal) > 1) return
    remove()
    process.kill(process.pid, signal)
  }
  const remove = (): void => {
    process.off("exit", run)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on("exit", run)
  for (const signal of signals) process.on(signal, onSignal)
  return remove
}
