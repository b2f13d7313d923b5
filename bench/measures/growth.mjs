/** How the cost of a delta, and memory, grow with the length of an answer and with the number of streams. */
import { ours } from "../contestants/index.mjs"
import { warmUp } from "../harness/rounds.mjs"
import { median } from "../harness/statistics.mjs"

/**
 * @typedef {import("../harness/Worker.mjs").Worker} Worker
 * @typedef {{ x: number, micros: number }} Point
 * @typedef {{ points: ReadonlyArray<Point>, alive?: number, resident?: number, failure?: string }} Growth
 */

const pick = (workers, ids) => workers.filter(({ contestant }) => ids.includes(contestant.id))

/** Where memory is looked at: what an answer holds after its first hundred thousand deltas, it should hold at its end. */
const marks = [1e5, 1e6]

/**
 * CPU per delta of one dense answer by its length, and MiB that a million deltas hold more than a hundred thousand.
 * @param {ReadonlyArray<Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Record<string, Growth>>}
 */
export const measureLength = async (workers, { lengths, longestMillis, showsOthersGrowth }) => {
  const entries = []
  for (const worker of pick(workers, showsOthersGrowth ? ["limit", ...ours, "openai", "ai"] : ours)) {
    const isOurs = ours.includes(worker.contestant.id)
    entries.push([worker.contestant.id, await lengthsOf(worker, lengths, isOurs ? Infinity : longestMillis)])
  }
  return Object.fromEntries(entries)
}

// Longer than elsewhere: the shortest answers are compared with the longest, which compile all there is to compile.
const lengthWarmMillis = 800

const lengthsOf = async (worker, lengths, longestMillis) => {
  const points = []
  let memory
  await warmUp(worker, "dense.10000", lengthWarmMillis)
  for (const x of lengths) {
    if (x * (points.at(-1)?.millisPerDelta ?? 0) > longestMillis) break
    // Short answers are repeated, as their requests would else be most of what is seen.
    const samples = []
    for (let time = 0; time < Math.min(20, 1e5 / x) || time === 0; time++) {
      samples.push(await worker.ask("long", { plan: `dense.${x}`, marks }))
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

/** So many deltas per second in all, whoever many streams bring them: none is overrun. */
const perSecond = 5_000

/**
 * CPU per delta by the number of paced streams, connecting not counted.
 * @param {ReadonlyArray<Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Record<string, Growth>>}
 */
export const measureConcurrency = async (workers, { concurrencies }) => {
  const growing = pick(workers, ["limit", "fetch", "undici", "openai", "ai"])
  /** @type {Record<string, { points: Array<Point>, failure?: string }>} */
  const growth = Object.fromEntries(growing.map(({ contestant }) => [contestant.id, { points: [] }]))
  for (const x of concurrencies) {
    const millis = Math.max(5, (x * 1000) / perSecond)
    const deltas = Math.round(Math.max(1_000, Math.min(4_000, x * 40)) / millis)
    for (const worker of growing) {
      const sample = await worker.ask("steady", { plan: `paced.${deltas}.${millis}`, streams: x })
      const own = growth[worker.contestant.id]
      if (sample === undefined) own.failure = worker.failure
      else own.points.push({ x, micros: sample.microsPerDelta })
    }
  }
  return growth
}
