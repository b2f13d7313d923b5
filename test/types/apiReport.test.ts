/** The API report records the public declarations, so that reviews show changes. */
import { expect, it } from "vitest"
import { pages, written } from "../../scripts/api-report.js"

it("docs/api-report matches the declarations; `npm run docs:api-report` updates it", () => {
  expect(Object.fromEntries(written())).toEqual(Object.fromEntries(pages()))
})
