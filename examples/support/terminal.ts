/** Writing to the terminal, at once. */
import { Effect } from "effect"

/** Writes a piece of a line; for whole lines there is Effect's `Console.log`. */
export const write = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stdout.write(text))

/** Says something beside the output, so that what is piped on is the output alone. */
export const note = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stderr.write(`${text}\n\n`))

/** Says what went wrong in one line, and lets the shell know. */
export const complain = (error: { readonly message: string }): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = 1
    process.stderr.write(`\n${error.message}\n`)
  })
