/**
 * Sends the same load through this library and its peers to a provider that limits the rate, and to one that is down:
 *
 *   npm run bench:load               takes about four minutes
 *   npm run bench:load -- --write    also writes the table into docs/comparison.md
 */
import { failing, limited } from "./load/callers.mjs"
import { bucket, provider } from "./load/provider.mjs"
import { writeBlock } from "./report/block.mjs"
import { markdown } from "./report/table.mjs"

// Console output of peers is not part of the result.
for (const name of ["warn", "error", "log"]) console[name] = () => {}

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** Runs calls against a provider of their own, after a few that compile the code. */
const measure = async ({ name, open }, statusAt, load) => {
  let startsAt = Number.POSITIVE_INFINITY
  const server = await provider((now) => (now < startsAt ? 200 : statusAt(now - startsAt)))
  const client = open(server.baseUrl)
  for (let each = 0; each < 20; each++) await client.call()
  startsAt = performance.now()
  const answered = []
  const call = () =>
    client.call().then(
      () => answered.push(performance.now() - startsAt),
      () => {}
    )
  const calls = await load(call)
  const requests = server.arrivals.filter((at) => at >= startsAt).length
  await client.close()
  server.close()
  return { name, calls, answered, requestsPerCall: requests / calls }
}

const atOnce = (count) => async (call) => {
  await Promise.all(Array.from({ length: count }, call))
  return count
}

/** Five calls every 300 ms for twelve seconds. */
const steadily = async (call) => {
  const calls = []
  for (let round = 0; round < 40; round++) {
    for (let each = 0; each < 5; each++) calls.push(call())
    await sleep(300)
  }
  await Promise.all(calls)
  return calls.length
}

const outageMillis = 10_000

const perSecond = 200

const seconds = (millis) => (Number.isFinite(millis) ? `${(millis / 1000).toFixed(1)} s` : "–")

const rowOf = ({ name, calls, answered, requestsPerCall }, time) => [
  name,
  `${calls - answered.length} of ${calls}`,
  requestsPerCall.toFixed(2),
  seconds(time(answered))
]

const last = (times) => Math.max(...times)
const firstAfterOutage = (times) => Math.min(...times.filter((millis) => millis > outageMillis)) - outageMillis

const rateLimited = []
for (const caller of limited) {
  const admits = bucket(perSecond, perSecond)
  rateLimited.push(rowOf(await measure(caller, (now) => (admits(now) ? 200 : 429), atOnce(1000)), last))
}
const down = []
for (const caller of failing) {
  const result = await measure(caller, (now) => (now < outageMillis ? 503 : 200), steadily)
  down.push(rowOf(result, firstAfterOutage))
}

const table = [
  `1,000 calls at once, ${perSecond} requests a second, each rejection with \`retry-after: 1\`:`,
  "",
  markdown([["", "calls that fail", "requests per call", "last answer after"], ...rateLimited]),
  "",
  "200 calls in 12 s, the first 10 s of which every request is a 503:",
  "",
  markdown([["", "calls that fail", "requests per call", "first answer after the outage"], ...down]),
  "",
  `Measured on ${new Date().toISOString().slice(0, 10)} with Node ${process.versions.node}.`
].join("\n")
process.stdout.write(`${table}\n`)
if (process.argv.includes("--write")) await writeBlock(new URL("../docs/comparison.md", import.meta.url), "load", table)
process.exit()
