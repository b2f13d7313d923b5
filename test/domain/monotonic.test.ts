import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { currentMonotonicMillis } from "../../src/domain/monotonic.js"

describe("the monotonic time", () => {
  it.effect("can be read between two nanoseconds of a test's clock", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(2100.6383070000002)
      expect(yield* currentMonotonicMillis).toBeCloseTo(2100.638307, 6)
    })
  )
})
