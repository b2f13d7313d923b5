/** The arguments that models write: objects only, however deep or hostile the text is. */
import { expect, it } from "vitest"
import { parseArguments } from "../../src/tools/parseArguments.js"

it("no key of arguments is a prototype, written as such or escaped", () => {
  for (const key of ["__proto__", "\\u005f_proto__", "\\u005F\\u005f\\u0070roto__"]) {
    const parsed = parseArguments(`{"city":"Rome","deep":{"${key}":{"admin":true}},"${key}":{"admin":true}}`)
    expect(parsed).toEqual({ city: "Rome", deep: {} })
    for (const object of [parsed, parsed?.["deep"]]) expect(Object.keys(object ?? {})).not.toContain("__proto__")
  }
})

it("arguments are undefined if they are not an object, or nested too deep", () => {
  for (const text of ["[]", "1", '"text"', "null", "{", `{"a":${"[".repeat(300)}${"]".repeat(300)}}`]) {
    expect(parseArguments(text)).toBeUndefined()
  }
  expect(parseArguments(" ")).toEqual({})
})
