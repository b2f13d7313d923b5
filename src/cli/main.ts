#!/usr/bin/env node
/** The command `llm-connectivity`: prints the overview and the version at once, and loads everything else on use. */
import * as Module from "node:module"
import { columnsOf, styleOf } from "../output/progress/Terminal.js"
import { formatPage } from "./Help.js"
import { overview } from "./overview.js"

// Defined by the build.
declare const LLM_CONNECTIVITY_VERSION: string | undefined

const [first, ...rest] = process.argv.slice(2)

const wantsOverview = first === undefined || ["--help", "-h"].includes(first) || (first === "help" && rest.length === 0)

const print = (text: string): void => {
  // The reader of a pipe may leave early, as `| head -1` does.
  process.stdout.on("error", () => {})
  process.stdout.write(`${text}\n`)
}

// Checked before anything else is loaded, because the rest uses what older versions lack.
const isTooOld = Number.parseInt(process.versions.node, 10) < 20

if (isTooOld) {
  process.stderr.write(`llm-connectivity: Node ${process.versions.node} is too old; install Node 20 or newer\n`)
  process.exitCode = 1
} else if (wantsOverview) {
  print(formatPage(overview, columnsOf(process.stdout), styleOf(process.stdout)))
} else if (first === "--version" || first === "-v") {
  print(typeof LLM_CONNECTIVITY_VERSION === "undefined" ? "(from source)" : LLM_CONNECTIVITY_VERSION)
} else {
  // From Node 22 on, Node can cache compiled code on disk, which halves the time to start.
  const enableCompileCache: unknown = Reflect.get(Module, "enableCompileCache")
  if (typeof enableCompileCache === "function") enableCompileCache()
  void import("./run.js").then(({ start }) => start(process.argv.slice(2)))
}
