/** Formats the state of a response as one line. */
import type { AnswerProgress } from "./AnswerProgress.js"
import * as Figures from "./Figures.js"
import type { Style } from "./Terminal.js"
import { cutEnd, cutStart, widthOf } from "./TerminalWidth.js"

/** How a response ended. */
export type Ending = "complete" | "failed" | "stopped"

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
const separator = " · "
// In columns; a shorter preview is unreadable.
const minPreview = 10

/** Formats seconds, tokens, tokens per second and cost, each as soon as it is known. */
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

/** Formats the line while the response arrives: a spinner, the numbers, and the end of the text if it fits. */
export const running = (
  progress: AnswerProgress,
  now: number,
  columns: number,
  style: Style,
  hasPreview: boolean
): string => {
  const frame = frames.charAt(Math.floor(progress.seconds(now) * 10) % frames.length)
  const words = cutEnd(figures(progress, now), columns - widthOf(frame) - 1)
  const remaining = columns - widthOf(`${frame} ${words}${separator}`)
  const preview = hasPreview && remaining >= minPreview ? cutStart(progress.tail(), remaining) : ""
  if (columns < 2) return ""
  return `${style.cyan(frame)} ${words}${preview === "" ? "" : style.dim(`${separator}${preview}`)}`
}

const symbols: { readonly [Name in Ending]: readonly [symbol: string, color: "green" | "red" | "dim"] } = {
  complete: ["✓", "green"],
  failed: ["✗", "red"],
  stopped: ["■", "dim"]
}

/** Formats the line that remains on the terminal after the response. */
export const ended = (progress: AnswerProgress, now: number, columns: number, style: Style, ending: Ending): string => {
  const [symbol, color] = symbols[ending]
  const words = `${ending === "complete" ? "" : `${ending} after `}${figures(progress, now)}`
  return columns < 2 ? "" : `${style[color](symbol)} ${cutEnd(words, columns - 2)}`
}
