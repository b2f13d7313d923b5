/** CPU per delta, as ratios to the limit: full reads, one event per write, and paced as models write. */
import { againstLimit, interleave } from "../harness/rounds.mjs"

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
  const warmUp = async (worker) => {
    let last
    for (let millis = 0; millis < warmMillis; millis += last.millis) {
      last = await worker.ask("run", { plan, times: 2 })
      if (last === undefined) return 1
    }
    return Math.max(1, Math.min(50, Math.ceil(roundMillis / (last.millis / 2))))
  }
  const sampled = await interleave(workers, rounds, (worker, times) => worker.ask("run", { plan, times }), warmUp)
  return againstLimit(sampled, microsPerDelta)
}

/**
 * Measures the speakers of one wire.
 * @param {ReadonlyArray<import("../harness/Worker.mjs").Worker>} workers
 * @param {boolean} isPaced
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Cpu>}
 */
export const measureCpu = async (workers, isPaced, settings) => {
  const dense = await repeated(workers, plans.dense, settings)
  const single = await repeated(workers, plans.single, settings)
  if (!isPaced) return { dense, single }
  const runPaced = (plan) => (worker) => worker.ask("run", { plan, streams: pacedStreams })
  const paced = await interleave(workers, settings.pacedRounds, runPaced(plans.paced), runPaced("paced.50.5"))
  return { dense, single, paced: againstLimit(paced, microsPerDelta) }
}
