/**
 * Measures the OpenAI-compatible gateway on an Anthropic model beside a bare Node proxy: CPU per delta of 500 concurrent
 * streams, and the peak memory after one and after several rounds. Run it with `npm run bench:gateway`.
 */
import { Agent, request } from "node:http"
import { endAll, message, start, startServer } from "../harness/children.mjs"

const streams = 500
const deltas = 100
const rounds = 4
const model = `paced.${deltas}.40`

const agent = new Agent({ keepAlive: true, maxSockets: streams })
const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], stream: true })

/** Reads one stream; rejects if it does not end with its end marker. */
const read = (address) =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" }
    const sent = request(`${address}/v1/chat/completions`, { method: "POST", headers, agent }, (response) => {
      let end = ""
      response.on("data", (bytes) => {
        end = bytes.subarray(-16).toString()
      })
      response.on("end", () => (end.endsWith("[DONE]\n\n") ? resolve() : reject(new Error(`ended with ${end}`))))
      response.on("error", reject)
    })
    sent.on("error", reject)
    sent.end(body)
  })

const usageOf = (child) => {
  const answer = message(child, 30_000)
  child.send("usage")
  return answer
}

const measure = async ({ child, address }) => {
  const before = await usageOf(child)
  await Promise.all(Array.from({ length: streams }, () => read(address)))
  const { micros, peak } = await usageOf(child)
  return { perDelta: (micros - before.micros) / (streams * deltas), peak }
}

const started = async (path, ...args) => {
  const child = start(path, args)
  return { child, address: await message(child, 30_000) }
}

const median = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]

try {
  const origin = await startServer()
  const gateways = {
    bare: await started("gateway/bare.mjs", origin),
    fetch: await started("gateway/ours.mjs", origin, model, "fetch"),
    undici: await started("gateway/ours.mjs", origin, model, "undici")
  }
  const samples = { bare: [], fetch: [], undici: [] }
  for (let round = 0; round < rounds; round++) {
    for (const [name, gateway] of Object.entries(gateways)) samples[name].push(await measure(gateway))
  }
  const warm = Object.entries(samples).map(([name, all]) => [
    name,
    median(all.slice(1).map(({ perDelta }) => perDelta))
  ])
  const [[, baseline]] = warm
  for (const [name, micros] of warm) {
    const [first, last] = [samples[name][1].peak, samples[name].at(-1).peak].map((bytes) => Math.round(bytes / 2 ** 20))
    const cells = [`${micros.toFixed(1)} µs`, `× ${(micros / baseline).toFixed(2)}`, `peak ${first} → ${last} MiB`]
    process.stdout.write(`${name.padEnd(8)}${cells.join("  ")}\n`)
  }
} finally {
  endAll()
  agent.destroy()
}
