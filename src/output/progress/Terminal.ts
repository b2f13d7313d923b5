/** What a terminal can do: its columns and styles. Without Effect, so that the help of the command starts fast. */
import type { Writable } from "../Writable.js"

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
