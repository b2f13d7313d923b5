import { expect, it } from "@effect/vitest"
import { readDeviations } from "./deviations.js"

it("2,000 streams that deviate at random join no two calls and end cleanly only when complete", () => {
  expect(readDeviations(0, 2000).slice(0, 5)).toEqual([])
})
