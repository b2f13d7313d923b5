/** Interleaved rounds: each contestant once per round, in turning order, so that what slows the machine slows all. */
import { median, spread } from "./statistics.mjs"

/**
 * @typedef {{ samples: ReadonlyArray<any>, failure: string | undefined }} Sampled By round; `undefined` where it sat out.
 */

// One whose work takes longer than this takes part in the first round only.
const slowMillis = 3_000

/**
 * Runs the rounds after one to warm up, which also tells each how often to repeat its work.
 * @param {ReadonlyArray<import("./Worker.mjs").Worker>} workers
 * @param {number} rounds
 * @param {(worker: import("./Worker.mjs").Worker, warmUp: any) => Promise<any>} measure is given the result of the warm-up
 * @param {(worker: import("./Worker.mjs").Worker) => Promise<any>} warmUp
 * @returns {Promise<Map<string, Sampled>>}
 */
export const interleave = async (workers, rounds, measure, warmUp) => {
  const warm = new Map()
  for (const worker of workers) warm.set(worker, await warmUp(worker))
  const slow = new Set()
  const samples = new Map(workers.map((worker) => [worker, []]))
  for (let round = 0; round < rounds; round++) {
    const order = workers.map((_, index) => workers[(index + round) % workers.length])
    for (const worker of order) {
      const startedAt = performance.now()
      samples.get(worker).push(slow.has(worker) ? undefined : await measure(worker, warm.get(worker)))
      if (performance.now() - startedAt > slowMillis) slow.add(worker)
    }
  }
  return new Map(
    workers.map((worker) => [worker.contestant.id, { samples: samples.get(worker), failure: worker.failure }])
  )
}

/**
 * Lets a contestant run a plan until so many milliseconds have been spent, as what is compiled late would else be
 * measured early; gives the milliseconds of the last run, `undefined` when it failed.
 * @param {import("./Worker.mjs").Worker} worker
 * @param {string} plan
 * @param {number} warmMillis
 * @returns {Promise<number | undefined>}
 */
export const warmUp = async (worker, plan, warmMillis) => {
  let last
  for (let millis = 0; millis < warmMillis; millis += last) {
    const sample = await worker.ask("run", { plan })
    if (sample === undefined) return undefined
    last = sample.millis
  }
  return last
}

/**
 * Puts the rounds of several batches one after the other.
 * @param {ReadonlyArray<Map<string, Sampled>>} batches
 * @returns {Map<string, Sampled>}
 */
export const joined = (batches) => {
  const ids = new Set(batches.flatMap((batch) => [...batch.keys()]))
  return new Map(
    Array.from(ids, (id) => {
      const each = batches.map((batch) => batch.get(id))
      const samples = each.flatMap((sampled) => sampled?.samples ?? [])
      return [id, { samples, failure: each.find((sampled) => sampled?.failure !== undefined)?.failure }]
    })
  )
}

/**
 * Compares each with the limit, round by round.
 * @param {Map<string, Sampled>} sampled
 * @param {(sample: any) => number} read
 * @param {(own: number, limit: number) => number} compare
 * @returns {Record<string, { value: number, compared: number, spread: number, failure: string | undefined }>}
 */
export const againstLimit = (sampled, read, compare = (own, limit) => own / limit) => {
  const limits = sampled.get("limit")?.samples ?? []
  return Object.fromEntries(
    Array.from(sampled, ([id, { samples, failure }]) => {
      const rounds = samples.flatMap((sample, round) =>
        sample === undefined || limits[round] === undefined ? [] : [{ own: sample, limit: limits[round] }]
      )
      const compared = rounds.map(({ own, limit }) => compare(read(own), read(limit)))
      const value = median(rounds.map(({ own }) => read(own)))
      return [id, { value, compared: median(compared), spread: spread(compared), failure }]
    })
  )
}
