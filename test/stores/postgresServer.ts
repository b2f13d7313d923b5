/** Starts PostgreSQL on a free port in a folder of its own, and stops it with the scope. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { chown, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect, type Scope } from "effect"
import { freePort } from "./ports.js"

const run = promisify(execFile)

/** A server that runs. */
export interface PostgresServer {
  readonly port: number
  readonly url: string
  /** Stops it as a crash would. */
  readonly stop: () => Promise<void>
  /** Starts it again on the same port, with its data. */
  readonly start: () => Promise<void>
  /** Stops it as a crash would and starts it again, with its data. */
  readonly restart: () => Promise<void>
}

/** Where Debian puts the programs; other systems have them in the path. */
const programs = async (): Promise<string> => {
  const folder = "/usr/lib/postgresql"
  const versions = (await readdir(folder).catch(() => [])).toSorted((a, b) => Number(b) - Number(a))
  return versions[0] === undefined ? "" : `${join(folder, versions[0], "bin")}/`
}

/** The user to run it as: PostgreSQL refuses to run as root. */
const user = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (kind: string) => Number(execFileSync("id", [kind, "nobody"], { encoding: "utf8" }))
  return { uid: idOf("-u"), gid: idOf("-g") }
}

const launch = (bin: string, folder: string, port: number): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const options = ["-D", folder, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    const child = spawn(`${bin}postgres`, options, { stdio: ["ignore", "ignore", "pipe"], ...user() })
    let log = ""
    child.stderr?.on("data", (data) => {
      log = `${log}${data}`.slice(-10_000)
      if (log.includes("ready to accept connections")) resolve(child)
    })
    child.once("exit", () => reject(new Error(`PostgreSQL did not start: ${log}`)))
    child.once("error", reject)
  })

const startServer = async (): Promise<PostgresServer & { readonly remove: () => Promise<void> }> => {
  const [bin, port] = [await programs(), await freePort()]
  const folder = await mkdtemp(join(tmpdir(), "llm-postgres-"))
  const owner = user()
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
  const options = ["-D", folder, "-U", "test", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"]
  await run(`${bin}initdb`, options, { cwd: folder, ...owner })
  let child = await launch(bin, folder, port)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGQUIT")
    await ended
  }
  const start = async () => {
    child = await launch(bin, folder, port)
  }
  return {
    port,
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    stop,
    start,
    restart: async () => {
      await stop()
      await start()
    },
    remove: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** One server. */
export const postgresServer: Effect.Effect<PostgresServer, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(startServer),
  (server) => Effect.promise(() => server.remove())
)
