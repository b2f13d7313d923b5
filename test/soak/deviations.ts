/** Streams that deviate from their protocol at random: no defect, no two calls joined, no clean end of a cut answer. */
import { expect, it } from "@effect/vitest"
import { readDeviations } from "../resilience/deviations.js"
import { report } from "../support/report.js"

it("100,000 streams that deviate at random join no two calls and end cleanly only when complete", () => {
  const problems = readDeviations(1_000_000, 100_000)
  report("deviating streams", 100_000)
  report("of them read wrong", problems.length)
  expect(problems.slice(0, 5)).toEqual([])
})
