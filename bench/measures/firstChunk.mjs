/** Time to the first chunk: what a call takes beyond bare `fetch` until the reader has something. */
import { speakersOf } from "../contestants/index.mjs"
import { againstLimit, interleave } from "../harness/rounds.mjs"
import { median } from "../harness/statistics.mjs"
import { withWorkers } from "../harness/Worker.mjs"

/**
 * Asks one request after the other; milliseconds, and milliseconds more than the limit's.
 * @param {string} origin
 * @param {import("../server/wires.mjs").Wire} wire
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureFirstChunk = (origin, wire, { firstRounds, firstRequests }) =>
  withWorkers(speakersOf(wire), { origin, wire }, async (workers) => {
    const ask = (worker) => worker.ask("first", { plan: "dense.3", times: firstRequests })
    const warmUp = (worker) => worker.ask("first", { plan: "dense.3", times: 300 })
    const sampled = await interleave(workers, firstRounds, ask, warmUp)
    return againstLimit(sampled, median, (own, limit) => own - limit)
  })
