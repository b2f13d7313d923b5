/** Starts child processes, and kills all of them when this process ends for any reason. */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set()

/** Kills every child. */
export const endAll = () => {
  for (const child of running) child.kill("SIGKILL")
  running.clear()
}

// If this process is killed, its children exit when their channel closes.
process.on("exit", endAll)
for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129]
])) {
  process.on(signal, () => process.exit(code))
}

/**
 * Starts a module of the bench in its own process.
 * @param {string} path below bench/
 * @param {ReadonlyArray<string>} args
 * @param {ReadonlyArray<string>} execArgv
 */
export const start = (path, args = [], execArgv = []) => {
  const module = fileURLToPath(new URL(`../${path}`, import.meta.url))
  const child = fork(module, args, { execArgv: [...execArgv], stdio: ["ignore", "ignore", "pipe", "ipc"] })
  running.add(child)
  child.once("exit", () => running.delete(child))
  return child
}

/**
 * The next message of a child. Rejects with the last lines of its standard error if it exits or sends nothing in time.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} timeoutMillis
 * @returns {Promise<any>}
 */
export const message = (child, timeoutMillis) =>
  new Promise((resolve, reject) => {
    let stderr = ""
    const onStderr = (text) => {
      stderr = (stderr + text).slice(-2000)
    }
    const onExit = (code) => done(() => reject(new Error(`the process exited with ${code}: ${stderr.trim()}`)))
    const onMessage = (value) => done(() => resolve(value))
    const timer = setTimeout(
      () => done(() => reject(new Error(`the process sent nothing for ${timeoutMillis} ms: ${stderr.trim()}`))),
      timeoutMillis
    )
    const done = (settle) => {
      clearTimeout(timer)
      child.off("exit", onExit)
      child.off("message", onMessage)
      child.stderr?.off("data", onStderr)
      settle()
    }
    child.stderr?.on("data", onStderr)
    child.once("exit", onExit)
    child.once("message", onMessage)
  })

/** Starts the server and returns its address. */
export const startServer = () => message(start("server/main.mjs"), 10_000)
