/** CPU per delta, as ratios to the limit: full reads, one event per write, and paced as models write. */
import { againstLimit, interleave, joined, warmUp } from "../harness/rounds.mjs"

/**
 * @typedef {ReturnType<typeof againstLimit>} Compared
 * @typedef {{ dense: Compared, single: Compared, paced?: Compared }} Cpu
 */

// Long enough for the request itself not to count, short enough for what gets slower with length.
const plans = { dense: "dense.10000", single: "single.5000", paced: "paced.200.5" }

// At this many the slowest of all is not yet overrun by what comes in.
const pacedStreams = 25

const microsPerDelta = (sample) => sample.microsPerDelta

/** Repeats what is over quickly until a round is long enough to be measured, by one who has done it for a while. */
const repeated = async (workers, plan, { rounds, roundMillis, warmMillis }) => {
  const timesOf = async (worker) => {
    const millis = (await warmUp(worker, plan, warmMillis)) ?? roundMillis
    return Math.max(1, Math.min(50, Math.ceil(roundMillis / millis)))
  }
  return interleave(workers, rounds, (worker, times) => worker.ask("run", { plan, times }), timesOf)
}

const sampleCpu = async (workers, isPaced, settings) => {
  const dense = await repeated(workers, plans.dense, settings)
  const single = await repeated(workers, plans.single, settings)
  if (!isPaced) return { dense, single }
  const runPaced = (plan) => (worker) => worker.ask("run", { plan, streams: pacedStreams })
  const paced = await interleave(workers, settings.pacedRounds, runPaced(plans.paced), runPaced("paced.50.5"))
  return { dense, single, paced }
}

/**
 * Measures the speakers of one wire, in fresh processes for each batch: where a process has its code and its objects
 * makes it up to a fifth faster or slower as long as it lives.
 * @param {<A>(use: (workers: ReadonlyArray<import("../harness/Worker.mjs").Worker>) => Promise<A>) => Promise<A>} withSpeakers
 * @param {boolean} isPaced
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Cpu>}
 */
export const measureCpu = async (withSpeakers, isPaced, settings) => {
  const batches = []
  for (let batch = 0; batch < settings.batches; batch++) {
    batches.push(await withSpeakers((workers) => sampleCpu(workers, isPaced, settings)))
  }
  const comparedIn = (name) => againstLimit(joined(batches.map((batch) => batch[name])), microsPerDelta)
  const always = { dense: comparedIn("dense"), single: comparedIn("single") }
  return isPaced ? { ...always, paced: comparedIn("paced") } : always
}
