/** Two hundred streams at once: how many deltas per second in all, and how much memory at the peak. */
import { speakersOf } from "../contestants/index.mjs"
import { againstLimit, interleave } from "../harness/rounds.mjs"
import { withWorkers } from "../harness/Worker.mjs"

/**
 * Each in a process that does nothing else, so that its peak is its own. Writes of 16 KiB, so that it is the reader who
 * sets the pace, not the server.
 * @param {string} origin
 * @param {import("../server/wires.mjs").Wire} wire
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureMany = (origin, wire, { manyWarmUps, manyRounds, contestants }) =>
  withWorkers(speakersOf(contestants, wire), { origin, wire }, async (workers) => {
    const run = (times) => (worker) => worker.ask("run", { plan: "dense.500", streams: 200, times })
    const sampled = await interleave(workers, manyRounds, run(1), run(manyWarmUps))
    return {
      rate: againstLimit(sampled, (sample) => sample.perSecond),
      peak: againstLimit(sampled, (sample) => sample.peak)
    }
  })
