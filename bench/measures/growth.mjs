/** How CPU per delta and memory grow with the length of a response and the number of streams. */
import { ours } from "../contestants/index.mjs"
import { warmUp } from "../harness/rounds.mjs"
import { median } from "../harness/statistics.mjs"

/**
 * @typedef {import("../harness/Worker.mjs").Worker} Worker
 * @typedef {{ x: number, micros: number }} Point
 * @typedef {{ points: ReadonlyArray<Point>, alive?: number, resident?: number, failure?: string }} Growth
 */

const pick = (workers, ids) => workers.filter(({ contestant }) => ids.includes(contestant.id))

/** Memory is measured after these deltas. It should not grow between them. */
const marks = [1e5, 1e6]

/**
 * CPU per delta of one dense response by its length, and how much more memory (MiB) 10⁶ deltas retain than 10⁵.
 * @param {ReadonlyArray<Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Record<string, Growth>>}
 */
export const measureLength = async (workers, { lengths, longestMillis, showsOthersGrowth }) => {
  const entries = []
  for (const worker of pick(workers, showsOthersGrowth ? ["baseline", ...ours, "openai", "ai"] : ours)) {
    const isOurs = ours.includes(worker.contestant.id)
    entries.push([worker.contestant.id, await lengthsOf(worker, lengths, isOurs ? Infinity : longestMillis)])
  }
  return Object.fromEntries(entries)
}

// Longer than in other measures: short responses are compared with long ones, during which everything gets compiled.
const lengthWarmMillis = 800

const lengthsOf = async (worker, lengths, longestMillis) => {
  const points = []
  let memory
  await warmUp(worker, "dense.10000", lengthWarmMillis)
  for (const x of lengths) {
    if (x * (points.at(-1)?.millisPerDelta ?? 0) > longestMillis) break
    // Short responses are repeated, because otherwise the request would dominate.
    const samples = []
    for (let time = 0; time < Math.min(20, 1e5 / x) || time === 0; time++) {
      samples.push(await worker.run("long", { plan: `dense.${x}`, marks }))
    }
    const done = samples.filter((sample) => sample !== undefined)
    if (done.length === 0) break
    memory = done.at(-1).memory
    const millisPerDelta = median(done.map(({ millis }) => millis)) / x
    points.push({ x, micros: median(done.map(({ microsPerDelta }) => microsPerDelta)), millisPerDelta })
  }
  const [early, late] = memory ?? []
  const grown = early && late ? { alive: late.alive - early.alive, resident: late.resident - early.resident } : {}
  return { points, ...grown, failure: worker.failure }
}

/** Deltas per second over all streams: the same for any number of streams, and slow enough for every contestant. */
const perSecond = 5_000

/**
 * CPU per delta by the number of paced streams, without connecting.
 * @param {ReadonlyArray<Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Record<string, Growth>>}
 */
export const measureConcurrency = async (workers, { concurrencies }) => {
  const growing = pick(workers, ["baseline", "fetch", "undici", "openai", "ai"])
  /** @type {Record<string, { points: Array<Point>, failure?: string }>} */
  const growth = Object.fromEntries(growing.map(({ contestant }) => [contestant.id, { points: [] }]))
  for (const x of concurrencies) {
    const millis = Math.max(5, (x * 1000) / perSecond)
    const deltas = Math.round(Math.max(1_000, Math.min(4_000, x * 40)) / millis)
    for (const worker of growing) {
      const sample = await worker.run("steady", { plan: `paced.${deltas}.${millis}`, streams: x })
      const own = growth[worker.contestant.id]
      if (sample === undefined) own.failure = worker.failure
      else own.points.push({ x, micros: sample.microsPerDelta })
    }
  }
  return growth
}
