#!/usr/bin/env node
/** The command `llm-connectivity`: says at once what needs nothing to be loaded, and starts what does. */
import * as Module from "node:module"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { textOf } from "./Help.js"
import { overview } from "./overview.js"

// Put here by the build.
declare const LLM_CONNECTIVITY_VERSION: string | undefined

const [first, ...rest] = process.argv.slice(2)

const asksForHelp = first === undefined || ["--help", "-h"].includes(first) || (first === "help" && rest.length === 0)

const showAtOnce = (text: string): void => {
  // As with `| head -1`.
  process.stdout.on("error", () => {})
  process.stdout.write(`${text}\n`)
}

if (asksForHelp) {
  showAtOnce(textOf(overview, columnsOf(process.stdout), styleOf(process.stdout)))
} else if (first === "--version" || first === "-v") {
  showAtOnce(typeof LLM_CONNECTIVITY_VERSION === "undefined" ? "(from source)" : LLM_CONNECTIVITY_VERSION)
} else {
  // From Node 22 on it keeps what it has compiled, which is half of the time to start.
  const enableCompileCache: unknown = Reflect.get(Module, "enableCompileCache")
  if (typeof enableCompileCache === "function") enableCompileCache()
  void import("./start.js").then(({ start }) => start(process.argv.slice(2)))
}
