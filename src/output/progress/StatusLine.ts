/** Writes how far an answer is, in one line. */
import type { AnswerProgress } from "./AnswerProgress.js"
import * as Figures from "./Figures.js"
import type { Style } from "./Terminal.js"
import { cutEnd, cutStart, widthOf } from "./TerminalWidth.js"

/** How an answer ended. */
export type Ending = "complete" | "failed" | "stopped"

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
const separator = " · "
// Fewer columns show nothing that could be read.
const leastPreview = 10

/** The numbers: seconds, tokens, tokens per second and cost, each as soon as there is one. */
export const figures = (progress: AnswerProgress, now: number): string => {
  const { tokens, isExact, dollars } = progress
  const streaming = progress.streaming()
  return [
    Figures.seconds(progress.seconds(now)),
    tokens > 0 ? Figures.tokens(tokens, isExact) : undefined,
    Figures.rate(streaming.tokens, streaming.seconds),
    dollars === null ? undefined : Figures.dollars(dollars)
  ]
    .filter((figure) => figure !== undefined)
    .join(separator)
}

/** The line while the answer arrives: a spinner, the numbers, and the end of the text where there is room for it. */
export const running = (
  progress: AnswerProgress,
  now: number,
  columns: number,
  style: Style,
  hasPreview: boolean
): string => {
  const frame = frames.charAt(Math.floor(progress.seconds(now) * 10) % frames.length)
  const words = cutEnd(figures(progress, now), columns - widthOf(frame) - 1)
  const left = columns - widthOf(`${frame} ${words}${separator}`)
  const preview = hasPreview && left >= leastPreview ? cutStart(progress.tail(), left) : ""
  if (columns < 2) return ""
  return `${style.cyan(frame)} ${words}${preview === "" ? "" : style.dim(`${separator}${preview}`)}`
}

const signs: { readonly [Each in Ending]: readonly [sign: string, color: "green" | "red" | "dim"] } = {
  complete: ["✓", "green"],
  failed: ["✗", "red"],
  stopped: ["■", "dim"]
}

/** The line that stays on a terminal. */
export const ended = (progress: AnswerProgress, now: number, columns: number, style: Style, ending: Ending): string => {
  const [sign, color] = signs[ending]
  const words = `${ending === "complete" ? "" : `${ending} after `}${figures(progress, now)}`
  return columns < 2 ? "" : `${style[color](sign)} ${cutEnd(words, columns - 2)}`
}
