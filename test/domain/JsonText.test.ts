/** Values that functions may recurse into. */
import { expect, it } from "vitest"
import { isBottomless, maxJsonDepth, toJsonText } from "../../src/domain/JsonText.js"

const nested = (levels: number): unknown => {
  let value: unknown = "end"
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { inner: value }
  return value
}

it("a value with more levels than may be written is bottomless, and one with as many is not", () => {
  expect(isBottomless(nested(maxJsonDepth))).toBe(false)
  expect(isBottomless(nested(maxJsonDepth + 1))).toBe(true)
})

it("a cycle is bottomless, through lists and objects, and a value that occurs twice is not", () => {
  const cycle: { inner?: unknown; more?: unknown } = {}
  cycle.more = [1, { cycle }]
  cycle.inner = cycle
  expect(isBottomless([cycle])).toBe(true)
  const shared = { a: 1 }
  expect(isBottomless([shared, { shared }, [shared]])).toBe(false)
})

it("a value is written as JSON unless it has too many levels, a cycle or a bigint, or is not a value of JSON", () => {
  const cycle: { inner?: unknown } = {}
  cycle.inner = cycle
  expect(toJsonText({ a: [1, "{[", null] })).toBe('{"a":[1,"{[",null]}')
  expect(JSON.parse(toJsonText(nested(maxJsonDepth)) ?? "")).toEqual(nested(maxJsonDepth))
  for (const value of [nested(maxJsonDepth + 1), cycle, { count: 1n }, undefined, () => {}]) {
    expect(toJsonText(value)).toBeUndefined()
  }
})
