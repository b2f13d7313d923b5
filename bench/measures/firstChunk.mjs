/** Time to the first chunk: what a call takes beyond bare `fetch` until the reader has something. */
import { againstLimit, interleave } from "../harness/rounds.mjs"
import { median } from "../harness/statistics.mjs"

/**
 * Asks one request after the other; milliseconds, and milliseconds more than the limit's.
 * @param {ReadonlyArray<import("../harness/Worker.mjs").Worker>} workers
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureFirstChunk = async (workers, { firstRounds, firstRequests }) => {
  const ask = (times) => (worker) => worker.ask("first", { plan: "dense.3", times })
  const sampled = await interleave(workers, firstRounds, ask(firstRequests), ask(500))
  return againstLimit(sampled, median, (own, limit) => own - limit)
}
