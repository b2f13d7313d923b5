import { describe, expect, it } from "vitest"
import { LatencyWindow } from "../../src/policy/LatencyWindow.js"

describe("the latest latencies", () => {
  it.each([1, 2, 16, 50])("count, also where %i calls end between two looks at them", (callsBetween) => {
    const window = new LatencyWindow()
    for (let call = 0; call < 21; call++) window.add(100)
    expect(window.quantile(0.95)).toBe(100)
    for (let call = 0; call < 300; call += callsBetween) {
      for (let ended = 0; ended < callsBetween; ended++) window.add(900)
      window.quantile(0.5)
    }
    expect(window.quantile(0.5)).toBe(900)
  })
})
