/** Starts Redis servers on free ports, alone or as a cluster, and stops them with the scope. */
import { execFile, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect, type Scope } from "effect"
import { freePort } from "./ports.js"

const run = promisify(execFile)

/** A server that runs. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Runs a command with `redis-cli` and gives its output. */
  readonly command: (...words: ReadonlyArray<string>) => Promise<string>
  /** Stops the process from running, as a machine that hangs would; its socket stays open. */
  readonly pause: () => void
  readonly resume: () => void
  readonly stop: () => Promise<void>
  /** Starts the server again on the same port, without data. */
  readonly start: () => Promise<void>
  /** Kills the server and starts it again, with the data that it has written to a disk. */
  readonly restart: () => Promise<void>
}

const delay = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 200; tries++) {
    if (await isTrue().catch(() => false)) return
    await delay(25)
  }
  throw new Error("the Redis server did not start; is redis-server installed?")
}

interface OwnServer extends RedisServer {
  /** Stops it and deletes its data. */
  readonly remove: () => Promise<void>
}

const startServer = async (port: number, more: ReadonlyArray<string>): Promise<OwnServer> => {
  const folder = await mkdtemp(join(tmpdir(), "llm-redis-"))
  const command = async (...words: ReadonlyArray<string>) =>
    (await run("redis-cli", ["-p", String(port), ...words])).stdout.trim()
  const launch = async (...again: ReadonlyArray<string>) => {
    const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...more, ...again]
    const child = spawn("redis-server", options, { stdio: "ignore" })
    await until(async () => (await command("ping")) === "PONG")
    return child
  }
  let child = await launch()
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill("SIGKILL")
    await ended
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command,
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    stop: async () => {
      await stop()
      await rm(join(folder, "nodes.conf"), { force: true })
    },
    remove: async () => {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
    start: async () => {
      child = await launch()
    },
    restart: async () => {
      const [, appendonly] = (await command("config", "get", "appendonly")).split("\n")
      await stop()
      child = await launch("--appendonly", appendonly ?? "no")
    }
  }
}

const closing = (server: OwnServer) => Effect.promise(() => server.remove())

/** One server. */
export const redisServer: Effect.Effect<RedisServer, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => startServer(await freePort(), [])),
  closing
)

/** A cluster of three masters. */
export const redisCluster: Effect.Effect<ReadonlyArray<RedisServer>, never, Scope.Scope> = Effect.gen(function* () {
  const servers = yield* Effect.forEach([0, 1, 2], () =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        // The bus of a cluster node uses a port of its own.
        const [port, bus] = [await freePort(), await freePort()]
        return startServer(port, ["--cluster-enabled", "yes", "--cluster-port", String(bus)])
      }),
      closing
    )
  )
  const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
  yield* Effect.promise(async () => {
    await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"])
    for (const { command } of servers) {
      await until(async () => (await command("cluster", "info")).includes("cluster_state:ok"))
    }
  })
  return servers
})
