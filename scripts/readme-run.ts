/**
 * Runs what the README shows, as it is printed, from the packed library alone in an empty folder:
 *
 *   npm run test:readme
 *
 * What is installed is what the README says to install, from the registry; where that cannot be reached, the same
 * packages are linked from here. Answers come from the packed library's own Simulator. A comment above a block says
 * what it is, where it is not a program (`ts`) or a command (`sh`):
 *
 *   <!-- snippet: install -->       is run first, all of them at once
 *   <!-- snippet: fragment -->      stands in an `Effect.gen` beside what scripts/readme-prelude.ts has
 *   <!-- snippet: prints "…" -->    is a program or a command, and prints this
 *   <!-- snippet: test -->          is a test file, for vitest
 *   <!-- snippet: types only: … --> is compiled by the tests, and not run
 *   <!-- snippet: in a clone -->    is for a checkout, and not run
 */
import { spawn } from "node:child_process"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { type Packed, pack, root } from "./pack.js"
import { moduleOf, type Scope, type Snippet, snippetsOf } from "./snippets.js"

/** What came of a command. */
interface Ran {
  readonly code: number | null
  readonly output: string
}

type Environment = { readonly [variable: string]: string }

const run = (command: string, folder: string, environment: Environment = {}): Promise<Ran> =>
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

/** Links what would have been installed, and all that it needs, from here. */
const link = (names: ReadonlyArray<string>, folder: string, packed: Packed): void => {
  const place = (name: string, target: string) => {
    const path = join(folder, "node_modules", name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path, "junction")
  }
  // Not linked, so that its own imports are looked for beside it.
  const home = join(folder, "node_modules", packed.manifest.name)
  for (const name of [...names, ...Object.keys(packed.manifest.dependencies)])
    place(name, join(root, "node_modules", name))
  renameSync(packed.folder, home)
  const bin = join(folder, "node_modules/.bin")
  mkdirSync(bin)
  symlinkSync(join(home, "dist/cli.js"), join(bin, packed.manifest.name))
  for (const name of ["tsx", "vitest"]) symlinkSync(join(root, "node_modules/.bin", name), join(bin, name))
}

/** Installs as the README says, the packed library in the place of the published one; says how. */
const install = async (commands: ReadonlyArray<string>, folder: string, packed: Packed): Promise<string> => {
  const words = commands
    .flatMap((command) => command.trim().split(/\s+/))
    .filter((word) => !/^(npm|install|-D)$/.test(word))
  const others = words.filter((word) => word !== packed.manifest.name)
  if (!process.argv.includes("--offline")) {
    const { code, output } = await run(
      `npm install --no-audit --no-fund ${packed.tarball} ${others.map((each) => `'${each}'`).join(" ")}`,
      folder
    )
    if (code === 0) return "installed from the registry"
    process.stderr.write(output)
  }
  rmSync(join(folder, "node_modules"), { recursive: true, force: true })
  link(
    others.map((word) => word.replace(/(?<=.)@.*/, "")),
    folder,
    packed
  )
  return "linked from the checkout"
}

/** Starts the Simulator of the packed command; gives the variables that lead to it. */
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

const scopeOf = async (module: string, folder: string): Promise<Scope> => {
  const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(module)}))))`
  const { code, output } = await run(`node --input-type=module -e '${script}'`, folder)
  // A subpath whose optional peer the README does not install grants nothing.
  return { module, names: code === 0 ? JSON.parse(output) : [] }
}

/** Around the part of a program: a client, and the end of the process. */
const tail = `
import { FetchHttpClient as Http } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Effect as Run } from "effect"
import { LLMClient as Client } from "llm-connectivity"
snippet.pipe(
  Run.scoped,
  Run.provide(Client.layer({ model: "openai/gpt-4o-mini" })),
  Run.provide(Http.layer),
  NodeRuntime.runMain
)
`

/** The command that runs a block, or none where it is not to be run. */
const commandOf = (snippet: Snippet, folder: string, scopes: ReadonlyArray<Scope>): string | undefined => {
  const { language, mark, text, place } = snippet
  if (mark === "install" || mark === "in a clone" || mark.startsWith("types only")) return undefined
  if (language === "sh") return text
  const file = `snippet${place.replace(/\D+/g, "-")}${mark === "test" ? ".test" : ""}.ts`
  writeFileSync(join(folder, file), mark === "fragment" ? moduleOf(text, scopes) + tail : text)
  return mark === "test" ? `npx vitest run ${file}` : `npx tsx ${file}`
}

/** Works on a list, a few at once; gives the results in its order. */
const atOnce = async <A, B>(
  count: number,
  list: ReadonlyArray<A>,
  work: (item: A) => Promise<B>
): Promise<Array<B>> => {
  const results: Array<B> = []
  const waiting = [...list.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: count }, worker))
  return results
}

/** Tells what came of a block; it must go well, and print what its comment says. */
const report = (snippet: Snippet, ran: Ran | undefined): void => {
  const [, wanted = ""] = /^prints "(.*)"$/.exec(snippet.mark) ?? []
  const isFine = ran === undefined || (ran.code === 0 && ran.output.includes(wanted))
  const what = snippet.mark || (snippet.language === "ts" ? "program" : "command")
  process.stdout.write(`${ran === undefined ? "–" : isFine ? "✓" : "✗"} ${snippet.place} ${what}\n`)
  if (!isFine || process.argv.includes("--verbose"))
    process.stdout.write(`${ran?.output.replace(/^/gm, "    ") ?? ""}\n`)
  if (!isFine) process.exitCode = 1
}

const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-readme-"))
try {
  const snippets = snippetsOf("README.md", readFileSync(join(root, "README.md"), "utf8")).filter(({ language }) =>
    ["ts", "sh"].includes(language)
  )
  const packed = await pack(folder)
  const app = join(folder, "app")
  mkdirSync(app)
  writeFileSync(join(app, "package.json"), JSON.stringify({ private: true, type: "module" }))
  copyFileSync(join(root, "scripts/readme-prelude.ts"), join(app, "prelude.ts"))
  const installs = snippets.filter(({ mark }) => mark === "install").map(({ text }) => text)
  process.stdout.write(
    `${packed.manifest.name} ${packed.manifest.version}, packed; ${await install(installs, app, packed)}\n\n`
  )
  const subpaths = Object.keys(packed.manifest.exports).filter((path) => !/\.json$/.test(path))
  const modules = [...subpaths.map((path) => join(packed.manifest.name, path)), "effect", "@effect/platform"]
  const granted = { module: "./prelude.ts", names: ["messages", "Weather"] }
  const scopes = [granted, ...(await Promise.all(modules.map((module) => scopeOf(module, app))))]
  const { environment, end } = await simulate(app)
  try {
    const results = await atOnce(2, snippets, async (snippet) => {
      const command = commandOf(snippet, app, scopes)
      return command === undefined ? undefined : await run(command, app, environment)
    })
    for (const [index, snippet] of snippets.entries()) report(snippet, results[index])
  } finally {
    end()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
