import { Either, Schema } from "effect"
import { decodeToolArguments } from "llm-connectivity"
import { describe, expect, it } from "vitest"

const Weather = Schema.Struct({ city: Schema.String, days: Schema.optional(Schema.NumberFromString) })

const decoded = (text: string) => decodeToolArguments({ id: "c", name: "weather", arguments: text }, Weather)

describe("the arguments of a tool call", () => {
  it("are decoded by the tool's schema", () => {
    expect(decoded('{"city":"Ulm","days":"3"}')).toEqual(Either.right({ city: "Ulm", days: 3 }))
  })

  it.each([
    ["{", "the arguments of the tool weather are not valid JSON"],
    ["", "the arguments of the tool weather do not match its schema at city"],
    ['{"city":{"canary":1}}', "the arguments of the tool weather do not match its schema at city"]
  ])("that do not fit say where, and nothing of what stands there: %s", (text, message) => {
    expect(decoded(text)).toMatchObject({ _tag: "Left", left: { _tag: "ValidationError", message } })
  })

  it("cannot change a prototype", () => {
    const Anything = Schema.Record({ key: Schema.String, value: Schema.Unknown })
    const call = { id: "c", name: "f", arguments: '{"__proto__":{"isAdmin":true},"a":{"__proto__":{"b":1}}}' }
    const value = Either.getOrThrow(decodeToolArguments(call, Anything))
    expect(Object.assign({}, value)).not.toHaveProperty("isAdmin")
    expect(Object.getPrototypeOf(value["a"])).toBe(Object.prototype)
  })
})
