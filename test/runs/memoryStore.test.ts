import { describe, expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { RunStore } from "llm-connectivity/runs"
import { storeContract } from "./storeContract.js"

describe("the store of runs in memory", () => {
  storeContract({
    layer: RunStore.memory,
    pass: TestClock.adjust,
    test: (title, run) => it.scoped(title, run)
  })

  it.effect("refuses runs of an owner who has the most, until one of them is no longer kept", () =>
    Effect.gen(function* () {
      const store = yield* RunStore
      const create = (id: string, owner: string) =>
        store.create({ id, owner, digest: "", leaseMillis: 1000, retentionMillis: 9000 })
      expect(yield* create("a1", "ada")).toBeUndefined()
      expect(yield* create("a2", "ada")).toBeUndefined()
      const error = yield* Effect.flip(create("a3", "ada"))
      expect(error).toMatchObject({ _tag: "RunError", reason: "TooMany" })
      expect(error).toHaveProperty("message", expect.stringMatching(/`retention`.*`maxRunsPerOwner`/))
      expect(yield* create("a1", "ada")).toMatchObject({ id: "a1" })
      expect(yield* create("b1", "bob")).toBeUndefined()
      yield* TestClock.adjust("10 seconds")
      expect(yield* create("a3", "ada")).toBeUndefined()
    }).pipe(Effect.provide(RunStore.memoryWith({ maxRunsPerOwner: 2 })))
  )
})
