/** Writes to the terminal. */
import * as Effect from "effect/Effect"

/** Writes text without a line break, unlike Effect's `Console.log`. */
export const write = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stdout.write(text))

/** Writes a note to standard error, so that standard output contains only the output of the program. */
export const note = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stderr.write(`${text}\n\n`))

/** Prints an error in one line and sets exit code 1. */
export const printError = (error: { readonly message: string }): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = 1
    process.stderr.write(`\n${error.message}\n`)
  })
