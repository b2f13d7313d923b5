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
export const measureMany = (origin, wire, { manyRounds, contestants }) =>
  withWorkers(speakersOf(contestants, wire), { origin, wire }, async (workers) => {
    const run = (plan) => (worker) => worker.ask("run", { plan, streams: 200 })
    const sampled = await interleave(workers, manyRounds, run("dense.500"), run("dense.100"))
    return {
      rate: againstLimit(sampled, (sample) => sample.perSecond),
      peak: againstLimit(sampled, (sample) => sample.peak)
    }
  })
