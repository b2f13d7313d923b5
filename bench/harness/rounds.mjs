/** Interleaved rounds: each contestant once per round, in rotating order, so that load on the machine affects all. */
import { median, spread } from "./statistics.mjs"

/**
 * @typedef {{ samples: ReadonlyArray<any>, failure: string | undefined }} Sampled Samples by round; `undefined` for skipped rounds.
 */

// A contestant that takes longer than this skips all later rounds.
const slowMillis = 3_000

/**
 * Warms up, then runs the rounds. The result of the warm-up says how often to repeat the work in a round.
 * @param {ReadonlyArray<import("./Worker.mjs").Worker>} workers
 * @param {number} rounds
 * @param {(worker: import("./Worker.mjs").Worker, warmUp: any) => Promise<any>} measure receives the result of the warm-up
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
 * Runs a plan until the given time has passed, so that code is compiled before it is measured. Returns the milliseconds
 * of the last run, or `undefined` after a failure.
 * @param {import("./Worker.mjs").Worker} worker
 * @param {string} plan
 * @param {number} warmMillis
 * @returns {Promise<number | undefined>}
 */
export const warmUp = async (worker, plan, warmMillis) => {
  let last
  for (let millis = 0; millis < warmMillis; millis += last) {
    const sample = await worker.run("run", { plan })
    if (sample === undefined) return undefined
    last = sample.millis
  }
  return last
}

/**
 * Concatenates the rounds of several batches.
 * @param {ReadonlyArray<Map<string, Sampled>>} batches
 * @returns {Map<string, Sampled>}
 */
export const concatenate = (batches) => {
  const ids = new Set(batches.flatMap((batch) => [...batch.keys()]))
  return new Map(
    Array.from(ids, (id) => {
      const parts = batches.map((batch) => batch.get(id))
      const samples = parts.flatMap((sampled) => sampled?.samples ?? [])
      return [id, { samples, failure: parts.find((sampled) => sampled?.failure !== undefined)?.failure }]
    })
  )
}

/**
 * Compares each contestant with the baseline, round by round.
 * @param {Map<string, Sampled>} sampled
 * @param {(sample: any) => number} read
 * @param {(own: number, baseline: number) => number} compare
 * @returns {Record<string, { value: number, compared: number, spread: number, failure: string | undefined }>}
 */
export const compareToBaseline = (sampled, read, compare = (own, baseline) => own / baseline) => {
  const baselines = sampled.get("baseline")?.samples ?? []
  return Object.fromEntries(
    Array.from(sampled, ([id, { samples, failure }]) => {
      const rounds = samples.flatMap((sample, round) =>
        sample === undefined || baselines[round] === undefined ? [] : [{ own: sample, baseline: baselines[round] }]
      )
      const compared = rounds.map(({ own, baseline }) => compare(read(own), read(baseline)))
      const value = median(rounds.map(({ own }) => read(own)))
      return [id, { value, compared: median(compared), spread: spread(compared), failure }]
    })
  )
}
