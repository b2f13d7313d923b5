/** CPU per delta, as ratios to the baseline: full reads, one event per write, and paced like a model. */
import { compareToBaseline, concatenate, interleave, warmUp } from "../harness/rounds.mjs"

/**
 * @typedef {ReturnType<typeof compareToBaseline>} Compared
 * @typedef {{ dense: Compared, single: Compared, paced?: Compared }} Cpu
 */

// Long enough that the request itself is negligible, short enough for clients whose cost grows with the length.
const plans = { dense: "dense.10000", single: "single.5000", paced: "paced.200.5" }

// The slowest contestant still keeps up with this many streams.
const pacedStreams = 25

const microsPerDelta = (sample) => sample.microsPerDelta

/** Warms up, then repeats short runs until a round is long enough to measure. */
const measureRepeated = async (workers, plan, { rounds, roundMillis, warmMillis }) => {
  const timesOf = async (worker) => {
    const millis = (await warmUp(worker, plan, warmMillis)) ?? roundMillis
    return Math.max(1, Math.min(50, Math.ceil(roundMillis / millis)))
  }
  return interleave(workers, rounds, (worker, times) => worker.run("run", { plan, times }), timesOf)
}

const sampleCpu = async (workers, isPaced, settings) => {
  const dense = await measureRepeated(workers, plans.dense, settings)
  const single = await measureRepeated(workers, plans.single, settings)
  if (!isPaced) return { dense, single }
  const runPaced = (plan) => (worker) => worker.run("run", { plan, streams: pacedStreams })
  const paced = await interleave(workers, settings.pacedRounds, runPaced(plans.paced), runPaced("paced.50.5"))
  return { dense, single, paced }
}

/**
 * Measures the contestants of one wire format, in new processes for each batch: the memory layout of a process makes it
 * up to a fifth faster or slower for its whole life.
 * @param {<A>(use: (workers: ReadonlyArray<import("../harness/Worker.mjs").Worker>) => Promise<A>) => Promise<A>} withContestants
 * @param {boolean} isPaced
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Cpu>}
 */
export const measureCpu = async (withContestants, isPaced, settings) => {
  const batches = []
  for (let batch = 0; batch < settings.batches; batch++) {
    batches.push(await withContestants((workers) => sampleCpu(workers, isPaced, settings)))
  }
  const comparedIn = (name) => compareToBaseline(concatenate(batches.map((batch) => batch[name])), microsPerDelta)
  const always = { dense: comparedIn("dense"), single: comparedIn("single") }
  return isPaced ? { ...always, paced: comparedIn("paced") } : always
}
