/** The generated pages are up to date. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { file, page } from "../scripts/provider-table.js"
import * as resilience from "../scripts/resilience-table.js"

describe("docs/providers.md", () => {
  it.effect("matches what each provider sends and rejects; `npm run docs:providers` updates it", () =>
    Effect.gen(function* () {
      expect(readFileSync(file, "utf8")).toBe(yield* page)
    })
  )
})

describe("docs/resilience.md", () => {
  it("matches the tested table; `npm run docs:resilience` updates it", () => {
    expect(readFileSync(resilience.file, "utf8")).toBe(resilience.page)
  })
})
