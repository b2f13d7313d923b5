/** What a loop of 200 steps costs besides its requests, and what it retains. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { beforeAll, expect, it } from "vitest"
import { compile } from "../stores/processes.js"
import { report } from "../support/report.js"
import type { Measured } from "./programs/toolLoop.js"

/** How often the CPU of `JSON.stringify` of its request a step may take. */
const goal = 1.2
// The median of 9 pairs varies by so much on a busy machine.
const tolerance = 0.1

let measured: Measured

beforeAll(async () => {
  const program = compile(new URL("./programs/toolLoop.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", program])
  measured = JSON.parse(stdout)
}, 300_000)

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN

it("a loop of 200 steps uses per step at most 1.2 times the CPU of JSON.stringify of its requests", () => {
  const { steps, pairs } = measured
  const ratio = median(pairs.map(({ looping, writing }) => looping / writing))
  report("tool loop: CPU of a step in µs", median(pairs.map(({ looping }) => looping)))
  report("tool loop: CPU of JSON.stringify of its request in µs", median(pairs.map(({ writing }) => writing)))
  report("tool loop: median of their ratios", ratio.toFixed(2))
  expect(steps).toBe(200)
  expect(ratio).toBeLessThanOrEqual(goal * (1 + tolerance))
})

it("a loop of 200 steps retains its messages, and little besides", () => {
  const { retained, messages } = measured
  report("tool loop: KB retained", retained / 1024)
  report("tool loop: KB of its messages", messages / 1024)
  expect(retained).toBeLessThanOrEqual(3 * messages)
})
