/** The pages that are made from the code say what the code does. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { file, page } from "../scripts/provider-table.js"
import * as resilience from "../scripts/resilience-table.js"

describe("docs/providers.md", () => {
  it.effect("is what the providers really send and refuse; `npm run docs:providers` writes it anew", () =>
    Effect.gen(function* () {
      expect(readFileSync(file, "utf8")).toBe(yield* page)
    })
  )
})

describe("docs/resilience.md", () => {
  it("is the table that the tests prove; `npm run docs:resilience` writes it anew", () => {
    expect(readFileSync(resilience.file, "utf8")).toBe(resilience.page)
  })
})
