/** The generated pages are up to date. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { root } from "../scripts/pack.js"
import { file, page } from "../scripts/provider-table.js"
import * as resilience from "../scripts/resilience-table.js"

describe("docs/providers.md", () => {
  it.effect(
    "matches what each provider sends and rejects; `npm run docs:providers` updates it",
    () =>
      Effect.gen(function* () {
        expect(readFileSync(file, "utf8")).toBe(yield* page)
      }),
    // It sends a request of every kind to every provider, which takes seconds where other tests run beside it.
    120_000
  )
})

describe("docs/resilience.md", () => {
  it("matches the tested table; `npm run docs:resilience` updates it", () => {
    expect(readFileSync(resilience.file, "utf8")).toBe(resilience.page)
  })
})

describe("docs/comparison.md", () => {
  it("has the markers between which `npm run bench`, `bench:behaviour` and `bench:tools` write", () => {
    const page = readFileSync(join(root, "docs/comparison.md"), "utf8")
    for (const name of ["bench", "behaviour", "tools"]) {
      expect(page).toMatch(new RegExp(`<!-- ${name}:start -->\\n[^]+\\n<!-- ${name}:end -->`))
    }
  })
})
