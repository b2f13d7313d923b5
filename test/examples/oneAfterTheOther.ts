/**
 * Runs the modules that its arguments name in one process, each when nothing is left to do of the one before: when it
 * has closed all that it opened. A mark on both outputs, with the exit code, says where each ends.
 */
import { pathToFileURL } from "node:url"

const files = process.argv.splice(2)
let isFirst = true

process.on("beforeExit", () => {
  if (!isFirst) for (const output of [process.stdout, process.stderr]) output.write(`\0${process.exitCode ?? 0}\0`)
  process.exitCode = 0
  isFirst = false
  const file = files.shift()
  if (file !== undefined) void import(pathToFileURL(file).href)
})
