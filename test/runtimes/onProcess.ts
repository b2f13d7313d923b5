/** Runs the program on Node, Bun or Deno, and prints what became of it as one line of JSON. */
import process from "node:process"
import { run } from "./program.js"

const [backstage = "", subpaths = "[]"] = process.argv.slice(2)

const outcomes = await run(backstage, { isPage: false, subpaths: JSON.parse(subpaths) })
process.stdout.write(`${JSON.stringify(outcomes)}\n`)
