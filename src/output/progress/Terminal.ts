/** What is known of the place that something is shown at, and what may be done there. */
import type { Writable } from "../Print.js"

/** Where text goes that fits a terminal, if it is one: `process.stderr` is one such place. */
export interface Terminal extends Writable {
  /** How many columns it has now. */
  readonly columns?: number | undefined
}

/** Ways to make a text stand out; each leaves it as it is where colours are not wanted. */
export type Style = { readonly [Name in keyof typeof codes]: (text: string) => string }

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], cyan: [36, 39] } as const

const environment = (): { readonly [variable: string]: string | undefined } => globalThis.process?.env ?? {}

const isSet = (variable: string): boolean => !["", "0", "false"].includes(environment()[variable] ?? "")

/** Says whether what has been written can be written over: on a terminal that is one, with nobody's log behind it. */
export const canRedraw = (to: Terminal): boolean =>
  to.isTTY === true && environment()["TERM"] !== "dumb" && !isSet("CI")

/** The columns of a terminal; 80 where it does not say. */
export const columnsOf = ({ columns }: Terminal): number =>
  columns === undefined || columns < 1 ? 80 : Math.floor(columns)

/** The styles of a place: none but on a terminal, nor where `NO_COLOR` is set (https://no-color.org). */
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
