/** CPU per delta of paced responses by how they are read, in a process that is cold, warm and hot. */
import { readers } from "../contestants/index.mjs"
import { compareToBaseline, concatenate } from "../harness/rounds.mjs"
import { withWorkers } from "../harness/Worker.mjs"

/** A number of deltas, over streams of one every 10 ms. */
const paced = (deltas, streams) => ({ plan: `paced.${deltas / streams}.10`, streams })

// 5,000 per second while they are measured, for which every contestant has time, and twice as many between.
const measured = paced(3_000, 50)
const between = (deltas) => paced(deltas, 100)

/** How many deltas a process has read before it is measured: none, so that code is interpreted, up to all compiled. */
const phases = { cold: 0, warm: 10_000, hot: 30_000 }

/** Measures all readers in new processes, one phase after the other, so that load on the machine affects all of them. */
const sample = async (workers) => {
  const sampled = {}
  let before = 0
  for (const [phase, after] of Object.entries(phases)) {
    const samples = new Map()
    for (const worker of workers) {
      if (after > before) await worker.run("run", between(after - before))
      const one = await worker.run("steady", measured)
      samples.set(worker.contestant.id, { samples: [one], failure: worker.failure })
    }
    sampled[phase] = samples
    before = after
  }
  return sampled
}

/**
 * @param {string} origin
 * @param {import("../settings.mjs").Settings} settings
 */
export const measureReaders = async (origin, { readerBatches, readerIds }) => {
  const all = readers.filter(({ id }) => readerIds === undefined || readerIds.includes(id))
  const batches = []
  for (let batch = 0; batch < readerBatches; batch++) {
    batches.push(await withWorkers(all, { origin, wire: "chat" }, sample))
  }
  const comparedIn = (phase) =>
    compareToBaseline(concatenate(batches.map((each) => each[phase])), ({ microsPerDelta }) => microsPerDelta)
  return { cold: comparedIn("cold"), warm: comparedIn("warm"), hot: comparedIn("hot") }
}
