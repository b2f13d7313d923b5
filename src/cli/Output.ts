/** Writes to the standard output and the standard error. */
import * as Effect from "effect/Effect"
import { sanitizeTerminal } from "../output/sanitizeTerminal.js"

const writeTo = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    // A closed pipe is handled in Process.ts; here the callback must only resume, so that nothing waits forever.
    stream.write(text, () => resume(Effect.void))
  })

/** Writes a line to the standard output: sanitized on a terminal, unchanged into a pipe or file. */
export const printLine = (line: string): Effect.Effect<void> =>
  writeTo(process.stdout, `${process.stdout.isTTY ? sanitizeTerminal(line) : line}\n`)

/** Writes a text of this program, with its styles, to the standard output. */
export const printStyled = (text: string): Effect.Effect<void> => writeTo(process.stdout, text)

/** Writes a line that is not part of the result to the standard error. */
export const printNotice = (line: string): Effect.Effect<void> => writeTo(process.stderr, `${line}\n`)

/** Writes an error as one line to the standard error, sanitized, because it may quote others. */
export const printError = (message: string): Effect.Effect<void> =>
  printNotice(`llm-connectivity: ${sanitizeTerminal(message).replace(/\s+/g, " ")}`)

/** Waits until everything is written to the standard output. */
export const flush: Effect.Effect<void> = writeTo(process.stdout, "")
