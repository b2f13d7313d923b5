/** The tasks of a contestant's process. Each counts the deltas, so that an incomplete response is never measured. */

/** @typedef {import("../contestants/index.mjs").ReadResponse} ReadResponse */

const mebibytes = (bytes) => bytes / 1024 ** 2
const microsOf = ({ user, system }) => user + system

/** The number of deltas in a plan such as `dense.1000`. */
const lengthOf = (plan) => Number(plan.split(".")[1])

const check = (counted, expected) => {
  if (counted !== expected) throw new Error(`read ${counted} of ${expected} deltas`)
}

/**
 * Reads a number of concurrent responses, a number of times.
 * @param {ReadResponse} readResponse
 * @param {{ plan: string, streams?: number, times?: number }} options
 */
const run = async (readResponse, { plan, streams = 1, times = 1 }) => {
  let deltas = 0
  const onDelta = () => {
    deltas++
  }
  // No garbage collection first: a full one drops unused object shapes, and with them the code compiled for them.
  const startedAt = performance.now()
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) {
    await Promise.all(Array.from({ length: streams }, () => readResponse(plan, onDelta)))
  }
  const micros = microsOf(process.cpuUsage(before))
  const millis = performance.now() - startedAt
  check(deltas, lengthOf(plan) * streams * times)
  return { microsPerDelta: micros / deltas, millis, perSecond: (deltas / millis) * 1000, peak: peak() }
}

// Node reports kibibytes on both Linux and macOS.
const peak = () => process.resourceUsage().maxRSS / 1024

/** The live and resident memory (MiB) after garbage collections: the first one only finds the buffers that the second frees. */
const memory = () => {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { alive: mebibytes(heapUsed + external), resident: mebibytes(rss) }
}

/**
 * The CPU per delta while all streams are open: from the first delta of the last one to the end of the first one.
 * @param {ReadResponse} readResponse
 * @param {{ plan: string, streams: number }} options
 */
const steady = async (readResponse, { plan, streams }) => {
  let deltas = 0
  let begun = 0
  let from
  let until
  const now = () => ({ usage: process.cpuUsage(), deltas })
  const one = async () => {
    let isFirst = true
    await readResponse(plan, () => {
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
  if (from === undefined || until.deltas <= from.deltas)
    throw new Error("the first response ended before the last one began; use a longer plan")
  const micros = microsOf(until.usage) - microsOf(from.usage)
  return { microsPerDelta: micros / (until.deltas - from.deltas) }
}

/**
 * The milliseconds from the request to the first delta, for a number of sequential requests.
 * @param {ReadResponse} readResponse
 * @param {{ plan: string, times: number }} options
 */
const first = async (readResponse, { plan, times }) => {
  const samples = []
  for (let time = 0; time < times; time++) {
    let deltas = 0
    const startedAt = performance.now()
    await readResponse(plan, () => {
      if (deltas === 0) samples.push(performance.now() - startedAt)
      deltas++
    })
    check(deltas, lengthOf(plan))
  }
  return samples
}

/**
 * The CPU per delta of one long response, and the live and resident memory (MiB) at the marks.
 * @param {ReadResponse} readResponse
 * @param {{ plan: string, marks: ReadonlyArray<number> }} options
 */
const long = async (readResponse, { plan, marks }) => {
  let deltas = 0
  let spent = 0
  const marked = []
  const measure = () => {
    const before = process.cpuUsage()
    marked.push({ deltas, ...memory() })
    spent += microsOf(process.cpuUsage(before))
  }
  const startedAt = performance.now()
  const before = process.cpuUsage()
  await readResponse(plan, () => {
    deltas++
    if (marks.includes(deltas)) measure()
  })
  const micros = microsOf(process.cpuUsage(before)) - spent
  check(deltas, lengthOf(plan))
  return { microsPerDelta: micros / deltas, millis: performance.now() - startedAt, memory: marked }
}

// Opened at once by 10,000 streams, more connections than a server accepts would wait.
const opensAtOnce = 200

/**
 * The memory (KiB) of one response that has begun and waits for more, among a number of them. They stay open.
 * @param {ReadResponse} readResponse
 * @param {{ streams: number }} options
 */
const waiting = async (readResponse, { streams }) => {
  const plan = "waiting.1"
  const open = () => new Promise((resolve, reject) => void readResponse(plan, resolve).catch(reject))
  const openMany = async (count) => {
    for (let opened = 0; opened < count; opened += opensAtOnce)
      await Promise.all(Array.from({ length: opensAtOnce }, open))
  }
  // The first ones load and compile what all of them use.
  await openMany(opensAtOnce)
  const before = memory()
  await openMany(streams - opensAtOnce)
  const after = memory()
  const each = (read) => ((read(after) - read(before)) * 1024) / (streams - opensAtOnce)
  return { alive: each(({ alive }) => alive), resident: each(({ resident }) => resident) }
}

export const tasks = { run, steady, first, long, waiting }
