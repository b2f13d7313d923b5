/** What a contestant's process can be asked. Each counts the deltas, so that nothing is measured that fails silently. */

/** @typedef {import("../contestants/index.mjs").Ask} Ask */

const mebibytes = (bytes) => bytes / 1024 ** 2
const microsOf = ({ user, system }) => user + system

/** The number of deltas in a plan such as `dense.1000`. */
const lengthOf = (plan) => Number(plan.split(".")[1])

const check = (counted, expected) => {
  if (counted !== expected) throw new Error(`it read ${counted} deltas of ${expected}`)
}

/**
 * Reads so many answers at once, so many times over.
 * @param {Ask} ask
 * @param {{ plan: string, streams?: number, times?: number }} options
 */
const run = async (ask, { plan, streams = 1, times = 1 }) => {
  let deltas = 0
  const onDelta = () => {
    deltas++
  }
  // No collection before it: a full one forgets the shapes of objects that happen to be gone, and with them what was compiled.
  const startedAt = performance.now()
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) {
    await Promise.all(Array.from({ length: streams }, () => ask(plan, onDelta)))
  }
  const micros = microsOf(process.cpuUsage(before))
  const millis = performance.now() - startedAt
  check(deltas, lengthOf(plan) * streams * times)
  return { microsPerDelta: micros / deltas, millis, perSecond: (deltas / millis) * 1000, peak: peak() }
}

// Linux and macOS both: kibibytes in Node.
const peak = () => process.resourceUsage().maxRSS / 1024

/**
 * The CPU per delta between the moment when all streams have begun and the one when the first ends.
 * @param {Ask} ask
 * @param {{ plan: string, streams: number }} options
 */
const steady = async (ask, { plan, streams }) => {
  let deltas = 0
  let begun = 0
  let from
  let until
  const now = () => ({ usage: process.cpuUsage(), deltas })
  const one = async () => {
    let isFirst = true
    await ask(plan, () => {
      deltas++
      if (!isFirst) return
      isFirst = false
      begun++
      if (begun === streams) from = now()
    })
    until ??= now()
  }
  await Promise.all(Array.from({ length: streams }, one))
  check(deltas, lengthOf(plan) * streams)
  if (from === undefined || until.deltas <= from.deltas) throw new Error("the first answer ended before the last began")
  const micros = microsOf(until.usage) - microsOf(from.usage)
  return { microsPerDelta: micros / (until.deltas - from.deltas) }
}

/**
 * The milliseconds from asking to the first delta, of so many requests one after the other.
 * @param {Ask} ask
 * @param {{ plan: string, times: number }} options
 */
const first = async (ask, { plan, times }) => {
  const samples = []
  for (let time = 0; time < times; time++) {
    let deltas = 0
    const startedAt = performance.now()
    await ask(plan, () => {
      if (deltas === 0) samples.push(performance.now() - startedAt)
      deltas++
    })
    check(deltas, lengthOf(plan))
  }
  return samples
}

/**
 * What one answer takes by the number of its deltas: the CPU, and what is alive and resident at the marks.
 * @param {Ask} ask
 * @param {{ plan: string, marks: ReadonlyArray<number> }} options
 */
const long = async (ask, { plan, marks }) => {
  let deltas = 0
  let spent = 0
  const memory = []
  const measure = () => {
    const before = process.cpuUsage()
    globalThis.gc?.()
    const { heapUsed, external, rss } = process.memoryUsage()
    memory.push({ deltas, alive: mebibytes(heapUsed + external), resident: mebibytes(rss) })
    spent += microsOf(process.cpuUsage(before))
  }
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await ask(plan, () => {
    deltas++
    if (marks.includes(deltas)) measure()
  })
  const micros = microsOf(process.cpuUsage(before)) - spent
  check(deltas, lengthOf(plan))
  return { microsPerDelta: micros / deltas, millis: performance.now() - startedAt, memory }
}

export const tasks = { run, steady, first, long }
