/** The examples as files, and as the programs that a user runs. */
import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { notice } from "../../examples/support/answering.js"

/** Where the examples stand. */
export const root: string = fileURLToPath(new URL("../../examples", import.meta.url))

const numbered = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /^\d\d-|^README\.md$/.test(path))
  .sort()

/** Reads a file of the examples. */
export const read = (path: string): string => readFileSync(join(root, path), "utf8")

/** Every numbered example, such as `01-basic-usage/chat.ts`. */
export const sources: ReadonlyArray<string> = numbered.filter((path) => path.endsWith(".ts"))

/** Those that run by themselves, rather than to be imported or tested. */
export const programs: ReadonlyArray<string> = sources.filter(
  (path) => !path.endsWith(".test.ts") && !/^export /m.test(read(path))
)

/** The pages that explain them, in their order. */
export const pages: ReadonlyArray<string> = numbered.filter((path) => path.endsWith(".md"))

/** Where what a program should print stands. */
export const expectedOf = (program: string): string => program.replace(/([^/]+)\.ts$/, "expected/$1.txt")

/** Puts a sign in the place of times, which differ from run to run. */
export const timeless = (text: string): string => text.replace(/\d+(\.\d+)? (ms|s|tokens\/s|times)\b/g, "# $2")

/** What came of a program. */
export interface Ran {
  /** The standard output and, under a line that says so, what was said beside it. */
  readonly printed: string
  readonly status: string
}

/** The programs, ready to run. */
export interface Built {
  /** Runs many, one after the other in one process. */
  readonly runAll: (programs: ReadonlyArray<string>) => Promise<ReadonlyMap<string, Ran>>
  /** Runs one with a parameter until it has printed something, and then as far as it goes after Ctrl-C. */
  readonly interrupt: (program: string, parameter: string, after: string) => Promise<string>
  readonly remove: () => void
}

/** Compiles all of them at once, as `tsx` would compile the library again for each. */
export const buildAll = async (): Promise<Built> => {
  const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-examples-"))
  const host = fileURLToPath(new URL("./oneAfterTheOther.ts", import.meta.url))
  await build({
    entryPoints: [...programs.map((program) => join(root, program)), host],
    outbase: join(root, ".."),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    tsconfig: join(root, "../tsconfig.json"),
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
    // For packages that are CommonJS.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url)'
    }
  })
  const builtOf = (program: string) => join(folder, "examples", program.replace(/\.ts$/, ".mjs"))
  return {
    runAll: async (wanted) => {
      const { output, error } = await run([join(folder, "test/examples/oneAfterTheOther.mjs"), ...wanted.map(builtOf)])
      return new Map(wanted.map((program, index) => [program, ranOf(output, error, index)]))
    },
    interrupt: async (program, parameter, after) => (await run([builtOf(program), parameter], after)).output,
    remove: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** What the program at a place has said before its mark. */
const ranOf = (output: string, error: string, index: number): Ran => {
  const beside = (error.split("\0")[2 * index] ?? "").replace(`${notice}\n\n`, "")
  const printed = output.split("\0")[2 * index] ?? ""
  return {
    printed: beside === "" ? printed : `${printed}\n[standard error]\n${beside}`,
    status: output.split("\0")[2 * index + 1] ?? "did not end"
  }
}

// Nothing that could reach a provider, or change what is printed.
const environment = { PATH: process.env["PATH"], NO_COLOR: "1" }

const run = (parameters: ReadonlyArray<string>, interruptAfter?: string) =>
  new Promise<{ output: string; error: string }>((resolve, reject) => {
    const child = spawn(process.execPath, parameters, {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
      // A hang is found later, but programs that work are not stopped on a busy machine.
      timeout: 300_000
    })
    const said = { output: "", error: "" }
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      said.output += piece
      if (interruptAfter !== undefined && said.output.includes(interruptAfter)) child.kill("SIGINT")
    })
    child.stderr.setEncoding("utf8").on("data", (piece: string) => {
      said.error += piece
    })
    child.on("error", reject)
    child.on("close", () => resolve(said))
  })
