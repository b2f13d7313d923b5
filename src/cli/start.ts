/** Starts what needs more than the pages that are there at once. */
import { runMain } from "./Process.js"
import { run } from "./run.js"

/** Runs the words of the command line to the end of the process. */
export const start = (words: ReadonlyArray<string>): void => runMain(run(words))
