/** Time to the first chunk, beyond that of bare `fetch`. */
import { compareToBaseline, interleave } from "../harness/rounds.mjs"
import { median } from "../harness/statistics.mjs"

/**
 * Sends sequential requests; returns milliseconds, and milliseconds more than the baseline.
 * @param {ReadonlyArray<import("../harness/Worker.mjs").Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureFirstChunk = async (workers, { firstRounds, firstRequests }) => {
  const measure = (times) => (worker) => worker.run("first", { plan: "dense.3", times })
  const sampled = await interleave(workers, firstRounds, measure(firstRequests), measure(500))
  return compareToBaseline(sampled, median, (own, baseline) => own - baseline)
}
