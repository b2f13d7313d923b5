/**
 * Runs the code blocks of the README unchanged, with the packed library in an empty folder:
 *
 *   npm run test:readme
 *
 * It installs the packages that the README says to install, from the registry or, if that cannot be reached, as links to
 * this checkout. Responses come from the Simulator of the packed library. Blocks are programs (`ts`) or commands (`sh`),
 * unless a comment above says otherwise:
 *
 *   <!-- snippet: install -->       runs first, together with all other install commands
 *   <!-- snippet: frame -->         is the program in which the fragments run
 *   <!-- snippet: fragment -->      runs inside that program
 *   <!-- snippet: prints "…" -->    is a program or a command that prints this text
 *   <!-- snippet: test -->          is a test file for vitest
 *   <!-- snippet: types only: … --> is compiled by the tests but does not run
 *   <!-- snippet: in a clone -->    needs a checkout and does not run
 */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Packed, pack, root } from "./pack.js"
import { framed, frameOf, type Snippet, snippetsOf } from "./snippets.js"

/** The result of a command. */
interface CommandResult {
  readonly code: number | null
  readonly output: string
}

type Environment = { readonly [variable: string]: string }

const run = (command: string, folder: string, environment: Environment = {}): Promise<CommandResult> =>
  new Promise((resolve) => {
    const child = spawn("sh", ["-c", command], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], NO_COLOR: "1", CI: "1", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 300_000
    })
    let output = ""
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text))
    child.on("close", (code) => resolve({ code, output }))
  })

/** Links the packages to install, and the dependencies of the library, from this checkout. */
const link = (names: ReadonlyArray<string>, folder: string, packed: Packed): void => {
  const place = (name: string, target: string) => {
    const path = join(folder, "node_modules", name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path, "junction")
  }
  // Moved rather than linked, so that its imports resolve in this folder.
  const installed = join(folder, "node_modules", packed.manifest.name)
  for (const name of names) place(name, join(root, "node_modules", name))
  renameSync(packed.folder, installed)
  const bin = join(folder, "node_modules/.bin")
  mkdirSync(bin)
  symlinkSync(join(installed, "dist/cli.js"), join(bin, packed.manifest.name))
  for (const name of ["tsc", "tsx", "vitest"]) symlinkSync(join(root, "node_modules/.bin", name), join(bin, name))
}

/** Runs commands one after the other; fails with the output of one that fails. */
const runAll = async (commands: ReadonlyArray<string>, folder: string): Promise<void> => {
  for (const command of commands) {
    const { code, output } = await run(command, folder)
    if (code !== 0) throw new Error(`${command} failed\n${output}`)
  }
}

/** Runs the install commands of the README with the packed library instead of the published one; returns how it installed. */
const install = async (blocks: ReadonlyArray<string>, folder: string, packed: Packed): Promise<string> => {
  const commands = blocks.flatMap((block) => block.trim().split(/\n| && /))
  const isInstall = (command: string): boolean => command.startsWith("npm install ")
  const first = commands.findIndex(isInstall)
  await runAll(commands.slice(0, first), folder)
  const how = await installPackages(commands.filter(isInstall), folder, packed)
  await runAll(
    commands.slice(first).filter((command) => !isInstall(command)),
    folder
  )
  return how
}

/** Installs the packages of all commands at once. */
const installPackages = async (commands: ReadonlyArray<string>, folder: string, packed: Packed): Promise<string> => {
  const words = commands
    .flatMap((command) => command.trim().split(/\s+/))
    .filter((word) => !/^(npm|install|-D)$/.test(word))
  const packages = words.filter((word) => word !== packed.manifest.name)
  if (!process.argv.includes("--offline")) {
    const { code, output } = await run(
      `npm install --no-audit --no-fund ${packed.tarball} ${packages.map((name) => `'${name}'`).join(" ")}`,
      folder
    )
    if (code === 0) return "installed from the registry"
    process.stderr.write(output)
  }
  rmSync(join(folder, "node_modules"), { recursive: true, force: true })
  link(
    packages.map((word) => word.replace(/(?<=.)@.*/, "")),
    folder,
    packed
  )
  return "linked from the checkout"
}

/** Starts the Simulator of the packed command and returns the environment variables that direct programs to it. */
const simulate = async (folder: string): Promise<{ readonly environment: Environment; readonly end: () => void }> => {
  const child = spawn(
    process.execPath,
    [join(folder, "node_modules/llm-connectivity/dist/cli.js"), "simulate", "--pace", "1ms"],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"]
    }
  )
  let output = ""
  for await (const text of child.stdout.setEncoding("utf8")) {
    output += text
    if (/^export GROQ_BASE_URL=.*\n/m.test(output)) break
  }
  const environment = Object.fromEntries(
    Array.from(output.matchAll(/^export (\w+)=(.*)$/gm), ([, name, value]) => [name, value])
  )
  return { environment, end: () => child.kill() }
}

/** The command that runs a block; `undefined` for blocks that do not run. */
const commandOf = (snippet: Snippet, folder: string, frame: string): string | undefined => {
  const { language, mark, text, place } = snippet
  if (["install", "frame", "in a clone"].includes(mark)) return undefined
  if (language === "sh") return text
  const file = `snippet${place.replace(/\D+/g, "-")}${mark === "test" ? ".test" : ""}.ts`
  writeFileSync(join(folder, file), mark === "fragment" ? framed(frame, text) : text)
  if (mark.startsWith("types only")) return undefined // written, so that it is compiled
  return mark === "test" ? `npx vitest run ${file}` : `npx tsx ${file}`
}

/** Processes a list with limited concurrency; the results have the order of the list. */
const mapConcurrently = async <A, B>(
  concurrency: number,
  list: ReadonlyArray<A>,
  work: (item: A) => Promise<B>
): Promise<Array<B>> => {
  const results: Array<B> = []
  const waiting = [...list.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return results
}

/** Reports the result of a block, which must succeed and print the text of its comment. */
const report = (snippet: Snippet, result: CommandResult | undefined): void => {
  const [, expected = ""] = /^prints "(.*)"$/.exec(snippet.mark) ?? []
  const isExpected = result === undefined || (result.code === 0 && result.output.includes(expected))
  const kind = snippet.mark || (snippet.language === "ts" ? "program" : "command")
  process.stdout.write(`${result === undefined ? "–" : isExpected ? "✓" : "✗"} ${snippet.place} ${kind}\n`)
  if (!isExpected || process.argv.includes("--verbose"))
    process.stdout.write(`${result?.output.replace(/^/gm, "    ") ?? ""}\n`)
  if (!isExpected) process.exitCode = 1
}

const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-readme-"))
try {
  const snippets = snippetsOf("README.md", readFileSync(join(root, "README.md"), "utf8")).filter(({ language }) =>
    ["ts", "sh"].includes(language)
  )
  const packed = await pack(folder)
  const app = join(folder, "app")
  mkdirSync(app)
  const installs = snippets.filter(({ mark }) => mark === "install").map(({ text }) => text)
  process.stdout.write(
    `${packed.manifest.name} ${packed.manifest.version}, packed; ${await install(installs, app, packed)}\n\n`
  )
  const frame = frameOf(snippets)
  const { environment, end } = await simulate(app)
  try {
    const results = await mapConcurrently(2, snippets, async (snippet) => {
      const command = commandOf(snippet, app, frame)
      return command === undefined ? undefined : await run(command, app, environment)
    })
    for (const [index, snippet] of snippets.entries()) report(snippet, results[index])
    const types = await run("npx tsc --noEmit", app)
    process.stdout.write(`${types.code === 0 ? "✓ all blocks compile" : `✗ compile\n${types.output}`}\n`)
    if (types.code !== 0) process.exitCode = 1
  } finally {
    end()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
