/** Writing to the terminal, at once. */
import { Effect } from "effect"

export const write = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stdout.write(text))

export const title = (text: string): Effect.Effect<void> => write(`\n\n${text}\n${"─".repeat(text.length)}\n`)

/** Says what went wrong in one line, and lets the shell know. */
export const complain = (error: { readonly message: string }): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = 1
    process.stderr.write(`\n${error.message}\n`)
  })
