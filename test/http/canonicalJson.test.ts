import { expect, it } from "@effect/vitest"
import { canonicalJson, canonicalText } from "../../src/http/canonicalJson.js"

it("writes equal values as equal texts, whatever the order of their fields", () => {
  const one = { b: [{ y: 1, x: null }], a: "z", 10: true, 9: undefined }
  const other = { a: "z", 10: true, b: [{ x: null, y: 1 }] }
  expect(canonicalJson(one)).toBe(canonicalJson(other))
  expect(canonicalJson(one)).not.toBe(canonicalJson({ ...other, a: "y" }))
  expect(canonicalText(' { "b": 1,\n"a": [2] }')).toBe(canonicalJson({ a: [2], b: 1 }))
})

it("leaves the order of lists and text that is no JSON as they are", () => {
  expect(canonicalJson([2, 1])).toBe("[2,1]")
  expect(canonicalText("hello {")).toBeUndefined()
})
