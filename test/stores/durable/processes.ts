/** Starts processes of durable work and a provider that counts its requests, and ends both with the scope. */
import { spawn } from "node:child_process"
import { createServer } from "node:http"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { buildSync } from "esbuild"

/** A process whose standard output is lines of JSON. */
export interface Runner {
  readonly lines: Array<unknown>
  /** When the first line came, on the clock of `performance`. */
  readonly readyAt: () => number
  readonly until: (isTrue: (lines: ReadonlyArray<unknown>) => boolean) => Promise<void>
  readonly kill: () => Promise<void>
}

/** Compiles a program, as starting it with tsx takes a second longer, and gives the path of the result. */
export const compile = (program: URL): string => {
  const outfile = fileURLToPath(
    new URL(`../../../node_modules/.cache/durable/${basename(program.pathname)}.mjs`, import.meta.url)
  )
  buildSync({
    entryPoints: [fileURLToPath(program)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm"
  })
  return outfile
}

type Environment = { readonly [variable: string]: string }

/** Starts a compiled program with these variables and arguments. */
export const runner = (program: string, environment: Environment, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => launch(program, environment, args)),
    (started) => Effect.promise(() => started.kill())
  )

const launch = (program: string, environment: Environment, args: ReadonlyArray<string>): Runner => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const lines: Array<unknown> = []
  let firstLineAt = Number.POSITIVE_INFINITY
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of waiting) check()
  }
  let rest = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const all = (rest + text).split("\n")
    rest = all.pop() ?? ""
    for (const line of all) {
      firstLineAt = Math.min(firstLineAt, performance.now())
      try {
        lines.push(JSON.parse(line))
      } catch {
        lines.push(line)
      }
    }
    wake()
  })
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  void ended.then(wake)
  return {
    lines,
    readyAt: () => firstLineAt,
    until: (isTrue) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const isMet = isTrue(lines)
          if (!isMet && child.exitCode === null) return
          waiting.delete(check)
          if (isMet) resolve()
          else reject(new Error(`the process ended too early: ${JSON.stringify(lines.at(-1))}`))
        }
        waiting.add(check)
        check()
      }),
    kill: async () => {
      child.kill("SIGKILL")
      await ended
    }
  }
}

/** A provider that answers each prompt with its own text in capitals after some milliseconds. */
export const countingProvider = (delayMillis: number) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ environment: Environment; requestTimes: ReadonlyArray<number>; close: () => void }>((resolve) => {
          const requestTimes: Array<number> = []
          const server = createServer(async (request, response) => {
            requestTimes.push(performance.now())
            let body = ""
            for await (const part of request) body += part
            const { messages } = JSON.parse(body)
            const message = { role: "assistant", content: String(messages[0].content).toUpperCase() }
            const answer = { id: "1", model: "gpt-4o-mini", choices: [{ index: 0, message, finish_reason: "stop" }] }
            setTimeout(
              () => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)),
              delayMillis
            )
          })
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" && address !== null ? address.port : 0
            resolve({
              environment: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
              requestTimes,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          })
        })
    ),
    ({ close }) => Effect.sync(close)
  )
