/**
 * Tries the packed library on every runtime, and prints which promise holds where:
 *
 *   npm run test:runtimes                         on all; one that is missing is a failure
 *   npm run test:runtimes -- --only=Node,Bun      on these
 *   npm run test:runtimes -- --allow-missing      on those that are there
 */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs, promisify } from "node:util"
import { pack } from "../../scripts/pack.js"
import { openPage } from "./browser.js"
import type { Outcome } from "./program.js"
import { chromium, type Found, runtimes } from "./runtimes.js"
import { type Stage, setStage } from "./stage.js"
import { type Column, isKept, table } from "./table.js"

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, "allow-missing": { type: "boolean", default: false } }
})

const execute = promisify(execFile)

const versionOf = async (binary: string): Promise<string> => {
  const { stdout } = await execute(binary, ["--version"])
  return /\d+(?:\.\d+)*/.exec(stdout)?.[0] ?? ""
}

type Run = (binary: string) => Promise<ReadonlyArray<Outcome>>

/** Runs the program on a runtime; what keeps it from running is part of the column. */
const columnOf = async ({ name, variable, binary }: Found, run: Run): Promise<Column> => {
  if (binary === undefined) {
    return { name, outcomes: [], isMissing: true, problem: `not found; name its binary in ${variable}` }
  }
  try {
    const [word] = name.split(" ")
    return { name: `${word} ${await versionOf(binary)}`, outcomes: await run(binary) }
  } catch (cause) {
    return { name, outcomes: [], problem: String(cause) }
  }
}

const inProcess =
  (stage: Stage, backstage: string, subpaths: ReadonlyArray<string>, { arguments: options }: Found): Run =>
  async (binary) => {
    const parameters = [...options, stage.program, backstage, JSON.stringify(subpaths)]
    const { stdout } = await execute(binary, parameters, { cwd: stage.folder, timeout: 300_000 })
    return JSON.parse(stdout)
  }

/** Starts the process behind the stage on the oldest Node; gives its address, and how to end it. */
const startBackstage = async (stage: Stage) => {
  const child = spawn(runtimes[0]?.binary ?? process.execPath, [stage.backstage], {
    cwd: stage.folder,
    stdio: ["ignore", "pipe", "inherit"]
  })
  const [line] = await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => [""])])
  return { address: String(line).trim(), end: () => child.kill() }
}

const isWanted = ({ name }: Found): boolean =>
  values.only === "" || values.only.split(",").some((wanted) => name.startsWith(wanted))

const columnsOn = async (stage: Stage, subpaths: ReadonlyArray<string>): Promise<ReadonlyArray<Column>> => {
  const { address, end } = await startBackstage(stage)
  try {
    const columns: Array<Column> = []
    // One after the other, so that none is slowed by another while its timeouts run.
    for (const runtime of runtimes.filter(isWanted)) {
      columns.push(await columnOf(runtime, inProcess(stage, address, subpaths, runtime)))
    }
    if (isWanted(chromium)) columns.push(await columnOf(chromium, () => openPage(stage.page, address)))
    return columns
  } finally {
    end()
  }
}

const folder = mkdtempSync(join(tmpdir(), "llm-connectivity-runtimes-"))
try {
  const packed = await pack(folder)
  const stage = await setStage(folder, packed)
  const subpaths = Object.keys(packed.manifest.exports).filter((subpath) => !subpath.endsWith(".json"))
  const columns = await columnsOn(stage, subpaths)
  process.stdout.write(`\n${packed.manifest.name} ${packed.manifest.version}, packed\n\n${table(columns)}`)
  const counted = columns.filter(({ isMissing }) => !(isMissing && values["allow-missing"]))
  process.exitCode = counted.length > 0 && counted.every(isKept) ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
