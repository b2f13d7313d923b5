/** A headless terminal emulator, to test what users see. */
import xterm from "@xterm/headless"
import { Effect, type Scope } from "effect"

export interface Screen {
  readonly isTTY: true
  readonly columns: number
  /** The number of calls of `write`. */
  readonly writes: number
  readonly write: (text: string) => void
  readonly resize: (columns: number) => void
  /** The visible rows, without empty ones at the end. */
  readonly rows: Effect.Effect<ReadonlyArray<string>>
  readonly isCursorHidden: () => boolean
}

/** Opens a terminal that closes with the scope. */
export const screen = (columns = 80, rows = 24): Effect.Effect<Screen, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })),
      (terminal) => Effect.sync(() => terminal.dispose())
    ),
    (terminal) => {
      let writes = 0
      let isCursorHidden = false
      terminal.parser.registerCsiHandler({ prefix: "?", final: "l" }, (modes) => {
        if (modes.includes(25)) isCursorHidden = true
        return false
      })
      terminal.parser.registerCsiHandler({ prefix: "?", final: "h" }, (modes) => {
        if (modes.includes(25)) isCursorHidden = false
        return false
      })
      return {
        isTTY: true,
        get columns() {
          return terminal.cols
        },
        get writes() {
          return writes
        },
        write: (text) => {
          writes++
          terminal.write(text)
        },
        resize: (columns) => terminal.resize(columns, rows),
        rows: Effect.async((resume) => {
          // The parser is asynchronous; this callback runs after everything written so far is parsed.
          terminal.write("", () => resume(Effect.sync(() => rowsOf(terminal))))
        }),
        isCursorHidden: () => isCursorHidden
      }
    }
  )

const rowsOf = ({ buffer: { active } }: xterm.Terminal): ReadonlyArray<string> => {
  const rows = Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? "")
  return rows.slice(0, rows.findLastIndex((row) => row !== "") + 1)
}
