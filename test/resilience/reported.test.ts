/** The page on resilience names every reported case, and only what a test shows. */
import { existsSync, readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { reported, requestCases } from "./reported.js"

const cases: ReadonlyArray<{ readonly id: string }> = JSON.parse(
  readFileSync(new URL("../fixtures/wire-cases.json", import.meta.url), "utf8")
)

it("every reported case is on the page, and every row of the page has a test", () => {
  const shownBy = reported.flatMap((row) => row.shownBy)
  const files = shownBy.filter((name) => name.startsWith("test/"))
  const ids = [...shownBy.filter((name) => !name.startsWith("test/")), ...requestCases]
  expect(ids.sort()).toEqual(cases.map(({ id }) => id).sort())
  for (const file of files) expect(existsSync(new URL(`../../${file}`, import.meta.url)), file).toBe(true)
})
