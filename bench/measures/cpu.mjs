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

/** Repeats what is over quickly until a round is long enough to be measured. */
const repeated = async (workers, plan, rounds, roundMillis) => {
  const sampled = await interleave(
    workers,
    rounds,
    (worker, times) => worker.ask("run", { plan, times }),
    async (worker) => {
      await worker.ask("run", { plan })
      const warm = await worker.ask("run", { plan, times: 2 })
      return Math.max(1, Math.min(50, Math.ceil(roundMillis / ((warm?.millis ?? roundMillis) / 2))))
    }
  )
  return againstLimit(sampled, microsPerDelta)
}

/**
 * Measures the speakers of one wire.
 * @param {ReadonlyArray<import("../harness/Worker.mjs").Worker>} workers
 * @param {boolean} isPaced
 * @param {import("../settings.mjs").Settings} settings
 * @returns {Promise<Cpu>}
 */
export const measureCpu = async (workers, isPaced, { rounds, roundMillis, pacedRounds }) => {
  const dense = await repeated(workers, plans.dense, rounds, roundMillis)
  const single = await repeated(workers, plans.single, rounds, roundMillis)
  if (!isPaced) return { dense, single }
  const runPaced = (plan) => (worker) => worker.ask("run", { plan, streams: pacedStreams })
  const paced = await interleave(workers, pacedRounds, runPaced(plans.paced), runPaced("paced.50.5"))
  return { dense, single, paced: againstLimit(paced, microsPerDelta) }
}
