/** Starts `@modelcontextprotocol/server-everything`, and tells what it was sent and how to kill it. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import type { McpAddress } from "llm-connectivity/mcp"
import { vi } from "vitest"

export interface Everything {
  readonly address: McpAddress
  /** The messages that the server was sent, as text. */
  readonly sent: () => string
  /** Kills the process of the server at once. */
  readonly kill: () => void
}

const program = fileURLToPath(
  new URL("node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url)
)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mcp-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

// `exec` keeps the process id; `tee` writes what the server reads to a file.
const recording = 'echo $$ > "$1/pid"; exec 3<&0; exec "$2" "$3" stdio < <(tee "$1/sent" <&3)'

/** The server on standard input and output, which `Mcp.tools` starts. */
export const overStdio = Effect.map(
  folder,
  (path): Everything => ({
    address: {
      command: "bash",
      args: ["-c", recording, "bash", path, process.execPath, program],
      env: { PATH: process.env["PATH"] }
    },
    sent: () => readFileSync(join(path, "sent"), "utf8"),
    kill: () => process.kill(Number(readFileSync(join(path, "pid"), "utf8")), "SIGKILL")
  })
)

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0))
    })
  })

const startHttp = async () => {
  const port = await freePort()
  const server = spawn(process.execPath, [program, "streamableHttp"], {
    env: { PORT: String(port) },
    stdio: ["ignore", "ignore", "pipe"]
  })
  await new Promise<void>((resolve, reject) => {
    server.on("exit", () => reject(new Error("the server did not start")))
    server.stderr.on("data", (text) => String(text).includes("listening") && resolve())
  })
  return { url: `http://127.0.0.1:${port}/mcp`, kill: () => server.kill("SIGKILL") }
}

/** The server over Streamable HTTP, in a process of its own. */
export const overHttp = Effect.gen(function* () {
  const { url, kill } = yield* Effect.acquireRelease(Effect.promise(startHttp), ({ kill }) => Effect.sync(kill))
  const fetching = yield* Effect.acquireRelease(
    Effect.sync(() => vi.spyOn(globalThis, "fetch")),
    (spy) => Effect.sync(() => spy.mockRestore())
  )
  return {
    address: { url },
    sent: () => fetching.mock.calls.map(([, init]) => String(init?.body)).join("\n"),
    kill
  } satisfies Everything
})
