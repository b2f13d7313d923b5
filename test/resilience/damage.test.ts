/** Damaged streams end cleanly or with an `LLMError`. `npm run soak` reads a hundred times as many. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { clientNames } from "./ask.js"
import { damagedOverHttp, readDamaged } from "./damage.js"

describe("a damaged stream", () => {
  it("ends cleanly or with a typed error, never with a throw", () => {
    const { ends, problems } = readDamaged(7_000_000, 1000)
    expect(problems).toEqual([])
    expect(Object.keys(ends).sort()).toContain("complete")
    expect(Object.keys(ends).length).toBeGreaterThan(3)
  })

  it.live.each(clientNames)("ends over HTTP as it does in memory: %s", (client) =>
    Effect.map(damagedOverHttp(client, 8_000_000, 20), (problems) => expect(problems).toEqual([]))
  )
})
