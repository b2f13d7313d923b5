/** Memory of an open response that waits for its next event, among 10,000. */
import { contestantsFor } from "../contestants/index.mjs"
import { Worker } from "../harness/Worker.mjs"

/**
 * KiB per response. Each contestant has a process used for nothing else, and the others wait until it has ended, as each
 * connection takes a file descriptor of the server.
 * @param {string} origin
 * @param {import("../server/wires.mjs").Wire} wire
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureWaiting = async (origin, wire, { waitingStreams, contestants }) => {
  const results = {}
  for (const contestant of contestantsFor(contestants, wire)) {
    const worker = await new Worker(contestant, origin, wire).ready()
    const { alive, resident } = (await worker.run("waiting", { streams: waitingStreams })) ?? {}
    worker.end()
    results[contestant.id] = { alive, resident, failure: worker.failure }
  }
  return results
}
