/** What the declarations promise is written down, so that review sees a change. */
import { expect, it } from "vitest"
import { pages, written } from "../../scripts/api-report.js"

it("docs/api-report is what the declarations promise; `npm run docs:api-report` writes it anew", () => {
  expect(Object.fromEntries(written())).toEqual(Object.fromEntries(pages()))
})
