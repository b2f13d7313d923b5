/** The web chat as a process over a file of SQLite, which can be restarted, in front of the Simulator. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { ManagedRuntime } from "effect"
import { type SimulatedReply, Simulator } from "llm-connectivity/testing"
import { freePort } from "../stores/ports.js"

export interface RestartableChat {
  readonly url: string
  /** How often the provider was asked. */
  readonly requests: () => Promise<number>
  /** Sends SIGTERM, and starts another process as soon as the port is free. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

const program = fileURLToPath(new URL("../../examples/web-chat/server.ts", import.meta.url))

const answers = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(1000) }).catch(() => undefined))?.ok === true

const until = async (isTrue: () => Promise<boolean>): Promise<void> => {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20))
}

export const serveRestartable = async (...replies: ReadonlyArray<SimulatedReply>): Promise<RestartableChat> => {
  const provider = ManagedRuntime.make(Simulator.layer({ script: replies }))
  const { environment } = await provider.runPromise(Simulator)
  const folder = await mkdtemp(join(tmpdir(), "llm-web-chat-"))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const children: Array<ChildProcess> = []
  const start = async () => {
    const stores = { RUNS: `sqlite:${join(folder, "runs.db")}`, APPROVALS_SECRET: "s".repeat(32) }
    const env = { ...process.env, ...environment, ...stores, PORT: String(port) }
    children.push(
      spawn(process.execPath, ["--import", "tsx", program], { env, stdio: ["ignore", "ignore", "inherit"] })
    )
    await until(() => answers(url))
  }
  await start()
  return {
    url,
    requests: async () => (await provider.runPromise(Simulator.requests)).length,
    restart: async () => {
      children.at(-1)?.kill("SIGTERM")
      await until(async () => !(await answers(url)))
      await start()
    },
    close: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill("SIGKILL")
        await once(child, "exit")
      }
      await provider.dispose()
      await rm(folder, { recursive: true })
    }
  }
}
