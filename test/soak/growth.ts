/** Time and memory in proportion to what a provider or a model writes, as a table: each reader with its worst text. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { PartialJson } from "../../src/structured/PartialJson.js"
import { Shape } from "../../src/structured/Shape.js"
import { errorReaders, growthOf, hostileTexts, outputReaders, type Reader } from "../support/growth.js"
import { report } from "../support/report.js"

// Between 4 for linear and 16 for quadratic time; garbage collection adds to it.
const maxRatio = 12

const worstOf = (name: string, read: Reader, length: number) => {
  const all = Object.keys(hostileTexts).map((text) => growthOf(name, read, text, length))
  const slowest = all.reduce((worst, each) => (each.millis > worst.millis ? each : worst))
  report(
    `${name}, ${length / 1024} KiB of ${JSON.stringify(slowest.text.slice(0, 20))}`,
    `${slowest.millis.toFixed(1)} ms, ${slowest.ratio.toFixed(1)} times a quarter of it`
  )
  return Math.max(...all.map(({ ratio }) => ratio))
}

it.each(Object.entries(errorReaders))("the time is linear: %s", (name, read) => {
  expect(worstOf(name, read, 256 * 1024)).toBeLessThanOrEqual(maxRatio)
})

it.each(Object.entries(outputReaders))("the time is linear: %s", (name, read) => {
  expect(worstOf(name, read, 64 * 1024)).toBeLessThanOrEqual(maxRatio)
})

it.each(["[", '{"a":', "[0,", "[],", '"a', "[[],"])(
  "partial JSON of 1 MiB of %s keeps at most 64 bytes per character",
  (unit) => {
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    const json = new PartialJson(Shape.of(Schema.Unknown))
    let last: unknown
    for (let at = 0; at < 2 ** 20; at += unit.length) last = json.push(unit) ?? last
    globalThis.gc?.()
    const bytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
    report(`partial JSON of ${unit}: bytes kept per character`, bytes)
    expect(bytes).toBeLessThan(64)
    expect([json, last]).toHaveLength(2)
  }
)
