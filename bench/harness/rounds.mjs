/** Interleaved rounds: each contestant once per round, in turning order, so that what slows the machine slows all. */
import { median, spread } from "./statistics.mjs"

/**
 * @typedef {{ samples: ReadonlyArray<any>, failure: string | undefined }} Sampled By round; `undefined` where it sat out.
 */

// One that takes longer than this takes part in the first round only.
const slowMillis = 4_000

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
  for (const worker of workers) {
    const startedAt = performance.now()
    const result = await warmUp(worker)
    warm.set(worker, { result, isSlow: performance.now() - startedAt > slowMillis })
  }
  const samples = new Map(workers.map((worker) => [worker, []]))
  for (let round = 0; round < rounds; round++) {
    const order = workers.map((_, index) => workers[(index + round) % workers.length])
    for (const worker of order) {
      const { result, isSlow } = warm.get(worker)
      samples.get(worker).push(round > 0 && isSlow ? undefined : await measure(worker, result))
    }
  }
  return new Map(
    workers.map((worker) => [worker.contestant.id, { samples: samples.get(worker), failure: worker.failure }])
  )
}

/**
 * Compares each with the limit, round by round.
 * @param {Map<string, Sampled>} sampled
 * @param {(sample: any) => number} valueOf
 * @param {(own: number, limit: number) => number} compare
 * @returns {Record<string, { value: number, compared: number, spread: number, failure: string | undefined }>}
 */
export const againstLimit = (sampled, valueOf, compare = (own, limit) => own / limit) => {
  const limits = sampled.get("limit")?.samples ?? []
  return Object.fromEntries(
    Array.from(sampled, ([id, { samples, failure }]) => {
      const rounds = samples.flatMap((sample, round) =>
        sample === undefined || limits[round] === undefined ? [] : [{ own: sample, limit: limits[round] }]
      )
      const compared = rounds.map(({ own, limit }) => compare(valueOf(own), valueOf(limit)))
      const value = median(rounds.map(({ own }) => valueOf(own)))
      return [id, { value, compared: median(compared), spread: spread(compared), failure }]
    })
  )
}
