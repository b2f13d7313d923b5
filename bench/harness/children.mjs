/** Starts processes and ends them all, however we end ourselves. */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set()

/** Ends every child. */
export const endAll = () => {
  for (const child of running) child.kill("SIGKILL")
  running.clear()
}

// A child whose parent was killed ends by itself, when its channel closes.
process.on("exit", endAll)
for (const [signal, code] of /** @type {const} */ ([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129]
])) {
  process.on(signal, () => process.exit(code))
}

/**
 * Starts a module of the bench in a process of its own.
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
 * The next message of a child; a child that ends or says nothing in time is a failure with its last words.
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} patienceMillis
 * @returns {Promise<any>}
 */
export const message = (child, patienceMillis) =>
  new Promise((resolve, reject) => {
    let words = ""
    const onWords = (text) => {
      words = (words + text).slice(-2000)
    }
    const onExit = (code) => done(() => reject(new Error(`it ended with ${code}: ${words.trim()}`)))
    const onMessage = (value) => done(() => resolve(value))
    const timer = setTimeout(
      () => done(() => reject(new Error(`it said nothing for ${patienceMillis} ms: ${words.trim()}`))),
      patienceMillis
    )
    const done = (settle) => {
      clearTimeout(timer)
      child.off("exit", onExit)
      child.off("message", onMessage)
      child.stderr?.off("data", onWords)
      settle()
    }
    child.stderr?.on("data", onWords)
    child.once("exit", onExit)
    child.once("message", onMessage)
  })

/** Starts the server and gives its address. */
export const startServer = () => message(start("server/main.mjs"), 10_000)
