/** A contestant in its own process. After a failure it runs no more tasks and keeps the reason. */
import { message, start } from "./children.mjs"

export class Worker {
  /** @type {string | undefined} */
  failure
  #child
  #ready
  #timeoutMillis

  /**
   * @param {import("../contestants/index.mjs").Contestant} contestant
   * @param {string} origin
   * @param {import("../contestants/index.mjs").Wire} wire
   */
  constructor(contestant, origin, wire, timeoutMillis = 120_000) {
    this.contestant = contestant
    this.wire = wire
    this.#timeoutMillis = timeoutMillis
    this.#child = start("harness/worker.mjs", [contestant.id, origin, wire], ["--expose-gc"])
    this.#ready = this.#nextResult()
  }

  /** Waits until the contestant is loaded. */
  async ready() {
    await this.#ready
    return this
  }

  /**
   * Runs a task. Returns `undefined` after a failure.
   * @param {keyof typeof import("./tasks.mjs").tasks} task
   * @param {object} options
   * @returns {Promise<any>}
   */
  async run(task, options) {
    await this.#ready
    if (this.failure !== undefined) return undefined
    this.#child.send({ task, options })
    return this.#nextResult()
  }

  /** Kills the process. */
  end() {
    this.#child.kill("SIGKILL")
  }

  async #nextResult() {
    try {
      const { result, error } = await message(this.#child, this.#timeoutMillis)
      if (error === undefined) return result
      this.failure = error
    } catch (error) {
      this.failure = String(error)
      this.end()
    }
  }
}

/**
 * Starts contestants one at a time, so that they do not slow each other, and kills them after use.
 * @template A
 * @param {ReadonlyArray<import("../contestants/index.mjs").Contestant>} contestants
 * @param {{ origin: string, wire: import("../contestants/index.mjs").Wire }} options
 * @param {(workers: ReadonlyArray<Worker>) => Promise<A>} use
 */
export const withWorkers = async (contestants, { origin, wire }, use) => {
  /** @type {Array<Worker>} */
  const workers = []
  try {
    for (const contestant of contestants) workers.push(await new Worker(contestant, origin, wire).ready())
    return await use(workers)
  } finally {
    for (const worker of workers) worker.end()
  }
}
