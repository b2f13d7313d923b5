/** Writing to the terminal, at once. */
import { Effect } from "effect"

export const write = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stdout.write(text))

export const title = (text: string): Effect.Effect<void> => write(`\n\n${text}\n${"─".repeat(text.length)}\n`)
