/** A contestant in a process of its own, as those see it who measure. One that fails stays failed, and says why. */
import { message, start } from "./children.mjs"

export class Worker {
  /** @type {string | undefined} */
  failure
  #child
  #ready
  #patienceMillis

  /**
   * @param {import("../contestants/index.mjs").Contestant} contestant
   * @param {string} origin
   * @param {import("../contestants/index.mjs").Wire} wire
   */
  constructor(contestant, origin, wire, patienceMillis = 120_000) {
    this.contestant = contestant
    this.wire = wire
    this.#patienceMillis = patienceMillis
    this.#child = start("harness/worker.mjs", [contestant.id, origin, wire], ["--expose-gc"])
    this.#ready = this.#answer()
  }

  /** Waits until it is loaded. */
  async ready() {
    await this.#ready
    return this
  }

  /**
   * Asks for one of the tasks; `undefined` once it has failed.
   * @param {keyof typeof import("./tasks.mjs").tasks} task
   * @param {object} options
   * @returns {Promise<any>}
   */
  async ask(task, options) {
    await this.#ready
    if (this.failure !== undefined) return undefined
    this.#child.send({ task, options })
    return this.#answer()
  }

  /** Ends it. */
  end() {
    this.#child.kill("SIGKILL")
  }

  async #answer() {
    try {
      const { result, error } = await message(this.#child, this.#patienceMillis)
      if (error === undefined) return result
      this.failure = error
    } catch (error) {
      this.failure = String(error)
      this.end()
    }
  }
}

/**
 * Starts contestants, one after the other so that they do not disturb each other, uses them and ends them.
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
