/** The README's first program as printed and bundled, beside the same program with OpenAI's SDK. */
import { spawn } from "node:child_process"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import * as esbuild from "esbuild"
import { median, spread } from "../harness/statistics.mjs"

// Inside the package, where its own name resolves.
const folder = new URL("../../dist/bench/", import.meta.url)
const pathOf = (name) => fileURLToPath(new URL(name, folder))

const readmeProgram = async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8")
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1]
  if (program === undefined) throw new Error("README.md has no program")
  return program
}

/** Prepares the programs. The options of the bundle are those of docs/bundling.md. */
const prepare = async () => {
  await mkdir(folder, { recursive: true })
  await writeFile(pathOf("hello.mjs"), await readmeProgram())
  await esbuild.build({
    entryPoints: [pathOf("hello.mjs")],
    outdir: pathOf("bundled"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    platform: "node",
    format: "esm",
    // The bundle contains the built package, not its sources.
    tsconfigRaw: {},
    logLevel: "silent"
  })
  return {
    openai: fileURLToPath(new URL("../programs/readme-openai.mjs", import.meta.url)),
    printed: pathOf("hello.mjs"),
    bundled: pathOf("bundled/hello.mjs")
  }
}

/** Milliseconds from the start of a process to the first text that it prints. */
const firstText = (program, origin) =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const env = { PATH: process.env.PATH, OPENAI_API_KEY: "key", OPENAI_BASE_URL: `${origin}/v1` }
    const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "ignore"] })
    let millis
    child.stdout.on("data", () => {
      millis ??= performance.now() - startedAt
    })
    child.once("error", reject)
    child.once("exit", (code) => {
      if (code === 0 && millis !== undefined) resolve(millis)
      else reject(new Error(`${program} exited with ${code}`))
    })
  })

/**
 * Milliseconds, and ratios to OpenAI's SDK, round by round. The first round fills the file cache of the operating system.
 * @param {string} origin
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureStart = async (origin, { freshProcesses }) => {
  const programs = Object.entries(await prepare())
  const rounds = []
  for (let round = 0; round <= freshProcesses * 3; round++) {
    const millis = {}
    for (const [name, program] of programs) millis[name] = await firstText(program, origin)
    if (round > 0) rounds.push(millis)
  }
  return Object.fromEntries(
    programs.map(([name]) => {
      const ratios = rounds.map((millis) => millis[name] / millis.openai)
      return [name, { value: median(rounds.map((each) => each[name])), ratio: median(ratios), spread: spread(ratios) }]
    })
  )
}
