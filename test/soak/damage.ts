/** However a stream is damaged, it ends cleanly or with one of our errors: 100,000 in memory, 1,500 over HTTP. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { clientNames } from "../resilience/ask.js"
import { damagedOverHttp, readDamaged } from "../resilience/damage.js"
import { fixtures, readings } from "../support/protocols.js"
import { report } from "../support/report.js"

it("100,000 damaged streams end cleanly or with a typed error", () => {
  const { ends, problems } = readDamaged(0, 100_000)
  for (const [end, count] of Object.entries(ends)) report(`damaged streams that end with ${end}`, count)
  expect(problems).toEqual([])
  expect(Object.keys(ends).length).toBeGreaterThan(3)
})

it.live.each(clientNames)("500 damaged streams over HTTP end as they do in memory: %s", (client) =>
  Effect.map(damagedOverHttp(client, 1_000_000, 500), (problems) => expect(problems).toEqual([]))
)

it.each(fixtures)("$name gives the same chunks wherever the network splits it", ({ protocol, bytes }) => {
  const read = readings[protocol]
  const said = (reads: ReadonlyArray<Uint8Array>) => {
    const { chunks, error } = read(reads)
    return JSON.stringify([chunks, error])
  }
  const whole = said([bytes])
  expect(Array.from(bytes.keys()).filter((at) => said([bytes.subarray(0, at), bytes.subarray(at)]) !== whole)).toEqual(
    []
  )
})

it.each(fixtures)("$name never ends cleanly when it is cut before its finish reason", ({ protocol, bytes }) => {
  const read = readings[protocol]
  const { response, partial } = read([bytes])
  const complete = Array.from(bytes.keys()).filter((at) => read([bytes.subarray(0, at)]).error === undefined)
  // From the finish reason on it is complete at every byte, before it at none.
  expect(complete).toEqual(
    Array.from({ length: complete.length }, (_, index) => bytes.length - complete.length + index)
  )
  for (const at of complete) expect(read([bytes.subarray(0, at)]).response?.content).toBe(partial.content)
  expect(complete.length > 0).toBe(response !== undefined)
})
