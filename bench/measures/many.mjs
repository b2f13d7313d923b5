/** 200 concurrent streams: total deltas per second, and peak memory. */
import { contestantsFor } from "../contestants/index.mjs"
import { compareToBaseline, interleave } from "../harness/rounds.mjs"
import { withWorkers } from "../harness/Worker.mjs"

/**
 * Each contestant has a process used for nothing else, so that the peak is its own. The server writes 16 KiB at a time, so
 * that the consumer, not the server, limits the rate.
 * @param {string} origin
 * @param {import("../server/wires.mjs").Wire} wire
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureMany = (origin, wire, { manyWarmUps, manyRounds, contestants }) =>
  withWorkers(contestantsFor(contestants, wire), { origin, wire }, async (workers) => {
    const run = (times) => (worker) => worker.run("run", { plan: "dense.500", streams: 200, times })
    const sampled = await interleave(workers, manyRounds, run(1), run(manyWarmUps))
    return {
      rate: compareToBaseline(sampled, (sample) => sample.perSecond),
      peak: compareToBaseline(sampled, (sample) => sample.peak)
    }
  })
