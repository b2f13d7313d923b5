/** What a terminal can do: its columns and styles, and a line that is redrawn in place. */
import { Effect, type Scope } from "effect"
import type { Writable } from "../Print.js"

/** A destination of text that may be a terminal, `process.stderr` for instance. */
export interface Terminal extends Writable {
  /** The current number of columns. */
  readonly columns?: number | undefined
}

/** Text styles; they leave the text unchanged where colors are off. */
export type Style = { readonly [Name in keyof typeof codes]: (text: string) => string }

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], cyan: [36, 39] } as const

const environment = (): { readonly [variable: string]: string | undefined } => globalThis.process?.env ?? {}

const isSet = (variable: string): boolean => !["", "0", "false"].includes(environment()[variable] ?? "")

/** Whether written text can be redrawn: on a terminal that is not dumb, outside CI, where the output goes to a log. */
export const canRedraw = (to: Terminal): boolean =>
  to.isTTY === true && environment()["TERM"] !== "dumb" && !isSet("CI")

/** The columns of a terminal; 80 if unknown. */
export const columnsOf = ({ columns }: Terminal): number =>
  columns === undefined || columns < 1 ? 80 : Math.floor(columns)

/** The styles of a destination. Colors are off outside a terminal and where `NO_COLOR` is set (https://no-color.org). */
export const styleOf = (to: Terminal): Style => {
  const { NO_COLOR, TERM } = environment()
  const isColored = to.isTTY === true && (NO_COLOR ?? "") === "" && TERM !== "dumb"
  const styled =
    ([on, off]: readonly [number, number]) =>
    (text: string): string =>
      isColored ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    bold: styled(codes.bold),
    dim: styled(codes.dim),
    red: styled(codes.red),
    green: styled(codes.green),
    cyan: styled(codes.cyan)
  }
}

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
