/** Writes to the standard output and the standard error. */
import { Effect } from "effect"
import { sanitizeTerminal } from "../output/sanitizeTerminal.js"

const writeTo = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    // A reader that is gone ends the command by another way; here it must only not wait for ever.
    stream.write(text, () => resume(Effect.void))
  })

/** What somebody else has written, without what a terminal would obey. */
export const harmless = (text: string): string => sanitizeTerminal(text)

/** Writes a line of what was asked for to the standard output: harmless to a terminal, as it is to a pipe. */
export const print = (line: string): Effect.Effect<void> =>
  writeTo(process.stdout, `${process.stdout.isTTY ? harmless(line) : line}\n`)

/** Writes a text that is ours, with its styles, to the standard output. */
export const show = (text: string): Effect.Effect<void> => writeTo(process.stdout, text)

/** Tells the person something that is no answer, in a line on the standard error. */
export const tell = (line: string): Effect.Effect<void> => writeTo(process.stderr, `${line}\n`)

/** Tells in one line what is wrong, whatever it quotes. */
export const complain = (message: string): Effect.Effect<void> =>
  tell(`llm-connectivity: ${harmless(message).replace(/\s+/g, " ")}`)

/** Waits until everything has left. */
export const flush: Effect.Effect<void> = writeTo(process.stdout, "")
