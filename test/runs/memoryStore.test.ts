import { describe, it } from "@effect/vitest"
import { TestClock } from "effect"
import { RunStore } from "llm-connectivity/runs"
import { storeContract } from "./storeContract.js"

describe("the store of runs in memory", () => {
  storeContract({
    layer: RunStore.memory,
    pass: TestClock.adjust,
    test: (title, run) => it.scoped(title, run)
  })
})
