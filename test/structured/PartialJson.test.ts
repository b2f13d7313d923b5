import { describe, expect, it } from "@effect/vitest"
import { FastCheck, Schema } from "effect"
import { PartialJson } from "../../src/structured/PartialJson.js"
import { Shape } from "../../src/structured/Shape.js"
import { cutAt } from "../support/pieces.js"

/** The partial values that are emitted while the pieces of a text arrive. */
const partialsOf = <A, I>(schema: Schema.Schema<A, I>, pieces: Iterable<string>): ReadonlyArray<unknown> => {
  const json = new PartialJson(Shape.of(schema))
  return Array.from(pieces, (piece) => json.push(piece)).filter((value) => value !== undefined)
}

const last = <A, I>(schema: Schema.Schema<A, I>, text: string): unknown => partialsOf(schema, text).at(-1)

/** Whether one value is a prefix of another. */
const isPrefix = (part: unknown, complete: unknown): boolean => {
  if (typeof part === "string") return typeof complete === "string" && complete.startsWith(part)
  if (typeof part !== "object" || part === null) return Object.is(part, complete)
  if (typeof complete !== "object" || complete === null || Array.isArray(part) !== Array.isArray(complete)) return false
  return Object.entries(part).every(
    ([key, value]) => Object.hasOwn(complete, key) && isPrefix(value, Reflect.get(complete, key))
  )
}

/** Parses JSON without the `__proto__` keys, which must not reach a prototype. */
const withoutPrototypes = (text: string): unknown =>
  JSON.parse(text, (key, value) => (key === "__proto__" ? undefined : value))

describe("partial JSON", () => {
  it("adds strings as they grow, and numbers and literals when they are complete", () => {
    expect(partialsOf(Schema.Unknown, '{"a":"hi","n":12,"ok":true,"no":null}')).toEqual([
      {},
      { a: "" },
      { a: "h" },
      { a: "hi" },
      { a: "hi", n: 12 },
      { a: "hi", n: 12, ok: true },
      { a: "hi", n: 12, ok: true, no: null }
    ])
  })

  it("is a prefix of the value, and at the end the value, wherever the text is split", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.json(),
        FastCheck.array(FastCheck.nat()),
        FastCheck.constantFrom(0, 2),
        (json, places, indent) => {
          const complete = withoutPrototypes(json)
          const text = JSON.stringify(JSON.parse(json), null, indent)
          for (const part of partialsOf(Schema.Unknown, cutAt(text, places)))
            expect(isPrefix(part, complete)).toBe(true)
          if (typeof complete === "object" && complete !== null) expect(last(Schema.Unknown, text)).toEqual(complete)
        }
      ),
      { numRuns: 300 }
    )
  })

  it("never splits a surrogate pair, and decodes every escape", () => {
    const parts = partialsOf(Schema.Unknown, String.raw`["\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t😀"]`)
    expect(parts.at(-1)).toEqual(['é😀"\\/\b\f\n\r\t😀'])
    for (const part of parts) expect(JSON.stringify(part)).not.toMatch(/\\ud/)
    expect(partialsOf(Schema.Unknown, ['["\ud83d', '\ude00"]'])).toEqual([[""], ["😀"]])
    expect(last(Schema.Unknown, String.raw`["\ud83d"]`)).toEqual(["\ud83d"])
  })

  it("never changes an emitted value, and shares its complete parts", () => {
    const parts = partialsOf(Schema.Unknown, ['{"a":{"b":[1,2]},"c":["x', "y", '","z"]}'])
    expect(parts).toEqual([
      { a: { b: [1, 2] }, c: ["x"] },
      { a: { b: [1, 2] }, c: ["xy"] },
      { a: { b: [1, 2] }, c: ["xy", "z"] }
    ])
    const [first, second] = parts
    expect(Reflect.get(first as object, "a")).toBe(Reflect.get(second as object, "a"))
  })

  it("emits nothing if the value did not change", () => {
    expect(partialsOf(Schema.Unknown, ["[", " ", "\n", "1", "2", ",", " ", "{", "}", "]", " ", "x"])).toEqual([
      [],
      [12],
      [12, {}]
    ])
  })

  it("stops at invalid JSON", () => {
    const texts = [
      "```json\n[1]",
      "[1,]",
      "[1 2]",
      '{"a" 1}',
      "{a:1}",
      '["a\nb"]',
      '["\\x"]',
      "[01]",
      "[tru]",
      "{]",
      "]"
    ]
    const expected = [undefined, [1], [1], {}, {}, ["a"], [""], [], [], {}, undefined]
    expect(texts.map((text) => last(Schema.Unknown, text))).toEqual(expected)
  })

  it("never reaches a prototype", () => {
    const value = last(Schema.Unknown, '{"a":{"__proto__":{"polluted":true},"constructor":1},"b":0}')
    expect(value).toEqual({ a: { constructor: 1 }, b: 0 })
    expect(Object.getPrototypeOf(Reflect.get(value as object, "a"))).toBe(Object.prototype)
    expect(Reflect.get({}, "polluted")).toBeUndefined()
  })

  it("copies in proportion to the text, even in lists and objects with thousands of entries", () => {
    const copied = <A, I>(schema: Schema.Schema<A, I>, value: unknown): number => {
      const text = JSON.stringify(value)
      const json = new PartialJson(Shape.of(schema))
      const sizes: Array<number> = []
      for (let at = 0; at < text.length; at += 4) {
        const part = json.push(text.slice(at, at + 4))
        if (typeof part === "object" && part !== null)
          sizes.push(Array.isArray(part) ? part.length : Object.keys(part).length)
      }
      expect(sizes.length).toBeGreaterThan(10)
      return sizes.reduce((sum, size) => sum + size, 0) / text.length
    }
    const list = (length: number) => Array.from({ length }, (_, index) => index)
    const table = (length: number) => Object.fromEntries(list(length).map((index) => [`key ${index}`, index]))
    for (const size of [1000, 4000]) {
      expect(copied(Schema.Array(Schema.Number), list(size))).toBeLessThan(140)
      expect(copied(Schema.Record({ key: Schema.String, value: Schema.Number }), table(size))).toBeLessThan(60)
    }
  })

  it("reads deep nesting without a stack overflow", () => {
    const deep = new PartialJson(Shape.of(Schema.Unknown))
    expect(() => deep.push("[".repeat(100_000))).not.toThrow()
  })
})

describe("the shape of a schema", () => {
  interface Tree {
    readonly name: string
    readonly below: ReadonlyArray<Tree>
  }
  const Tree: Schema.Schema<Tree> = Schema.Struct({
    name: Schema.String,
    below: Schema.Array(Schema.suspend(() => Tree))
  })
  class Person extends Schema.Class<Person>("Person")({ name: Schema.NonEmptyString, born: Schema.Date }) {}

  it("omits values that do not fit the schema, and everything after them in a list", () => {
    const schema = Schema.Struct({
      title: Schema.String,
      steps: Schema.Array(Schema.String),
      size: Schema.NullOr(Schema.Number),
      place: Schema.Struct({ city: Schema.String })
    })
    const written = { other: [1], title: 5, steps: ["a", 2, "c"], size: "big", place: ["city"] }
    expect(last(schema, JSON.stringify(written))).toEqual({ steps: ["a"] })
    expect(last(schema, '{"size":null,"place":{"city":{}}}')).toEqual({ size: null, place: {} })
    expect(last(schema, '["title"]')).toBeUndefined()
  })

  it("is the shape of the JSON before decoding", () => {
    const schema = Schema.Struct({ who: Person, count: Schema.NumberFromString }).pipe(
      Schema.rename({ count: "total" })
    )
    expect(last(schema, '{"who":{"name":"Ada","born":"1815-12-10"},"count":"3","total":1}')).toEqual({
      who: { name: "Ada", born: "1815-12-10" },
      count: "3"
    })
    expect(last(Schema.Struct({ count: Schema.NumberFromString }), '{"count":3,"x":1}')).toEqual({})
  })

  it("supports unions, literals, tuples, records, recursion and unknown", () => {
    const kinds = Schema.Struct({
      either: Schema.Union(Schema.Struct({ a: Schema.String }), Schema.Struct({ b: Schema.Number })),
      word: Schema.Literal("one", 2, null),
      pair: Schema.Tuple(Schema.String, Schema.Number),
      rest: Schema.Tuple([Schema.String], Schema.Number, Schema.Boolean),
      counts: Schema.Record({ key: Schema.String, value: Schema.Number }),
      tree: Tree,
      any: Schema.Unknown,
      maybe: Schema.optionalWith(Schema.Boolean, { default: () => true })
    })
    const fits = {
      either: { a: "x", b: 1 },
      word: "one",
      pair: ["x", 1],
      rest: ["x", 1, 2, true],
      counts: { x: 1, y: 2 },
      tree: { name: "root", below: [{ name: "leaf", below: [] }] },
      any: { x: [1, "y", { z: null }] },
      maybe: false
    }
    expect(last(kinds, JSON.stringify(fits))).toEqual(fits)
    const wrong = {
      either: { a: 1, b: "x", c: 1 },
      word: true,
      pair: ["x", "y"],
      rest: [1],
      counts: { x: "1" },
      tree: { name: "root", below: [{ name: 1, below: {} }] },
      maybe: "no"
    }
    expect(last(kinds, JSON.stringify(wrong))).toEqual({
      either: {},
      pair: ["x"],
      rest: [],
      counts: {},
      tree: { name: "root", below: [{}] }
    })
  })
})
