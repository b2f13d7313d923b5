/** A bar that grows with the work done; `npx tsx examples/07-batch/batch.ts` shows it. */
import * as Effect from "effect/Effect"

/** Effects to run after each completed item, and once at the end. */
export interface ProgressBar {
  readonly advance: Effect.Effect<void>
  readonly finish: Effect.Effect<void>
}

const width = 24

const draw = (done: number, total: number): string => {
  const full = Math.round((done / total) * width)
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${done}/${total}`
}

/** Makes a bar. A terminal shows one updated line; a file gets a line for each item. */
export const progressBar = (total: number): ProgressBar => {
  const { stderr } = process
  let done = 0
  return {
    advance: Effect.sync(() => {
      done += 1
      stderr.write(stderr.isTTY ? `\r${draw(done, total)}` : `${draw(done, total)}\n`)
    }),
    finish: Effect.sync(() => void stderr.write(stderr.isTTY ? "\n" : ""))
  }
}
