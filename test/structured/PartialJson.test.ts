import { describe, expect, it } from "@effect/vitest"
import { FastCheck, Schema } from "effect"
import { PartialJson } from "../../src/structured/PartialJson.js"
import { Shape } from "../../src/structured/Shape.js"
import { cutAt } from "../support/pieces.js"

/** The values that are given while the pieces of a text arrive. */
const grown = <A, I>(schema: Schema.Schema<A, I>, pieces: Iterable<string>): ReadonlyArray<unknown> => {
  const json = new PartialJson(Shape.of(schema))
  return Array.from(pieces, (piece) => json.push(piece)).filter((value) => value !== undefined)
}

const last = <A, I>(schema: Schema.Schema<A, I>, text: string): unknown => grown(schema, text).at(-1)

/** Says whether one value is the beginning of another. */
const begins = (part: unknown, whole: unknown): boolean => {
  if (typeof part === "string") return typeof whole === "string" && whole.startsWith(part)
  if (typeof part !== "object" || part === null) return Object.is(part, whole)
  if (typeof whole !== "object" || whole === null || Array.isArray(part) !== Array.isArray(whole)) return false
  return Object.entries(part).every(
    ([key, value]) => Object.hasOwn(whole, key) && begins(value, Reflect.get(whole, key))
  )
}

/** The same without the keys that must not reach a prototype. */
const withoutPrototypes = (text: string): unknown =>
  JSON.parse(text, (key, value) => (key === "__proto__" ? undefined : value))

describe("JSON that is being written", () => {
  it("grows by texts, and by numbers and words when they are whole", () => {
    expect(grown(Schema.Unknown, '{"a":"hi","n":12,"ok":true,"no":null}')).toEqual([
      {},
      { a: "" },
      { a: "h" },
      { a: "hi" },
      { a: "hi", n: 12 },
      { a: "hi", n: 12, ok: true },
      { a: "hi", n: 12, ok: true, no: null }
    ])
  })

  it("is the value in the end, and its beginning until then, wherever the text is cut", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.json(),
        FastCheck.array(FastCheck.nat()),
        FastCheck.constantFrom(0, 2),
        (json, places, indent) => {
          const whole = withoutPrototypes(json)
          const text = JSON.stringify(JSON.parse(json), null, indent)
          for (const part of grown(Schema.Unknown, cutAt(text, places))) expect(begins(part, whole)).toBe(true)
          if (typeof whole === "object" && whole !== null) expect(last(Schema.Unknown, text)).toEqual(whole)
        }
      ),
      { numRuns: 300 }
    )
  })

  it("gives no half of a character, and understands every escape", () => {
    const parts = grown(Schema.Unknown, String.raw`["\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t😀"]`)
    expect(parts.at(-1)).toEqual(['é😀"\\/\b\f\n\r\t😀'])
    for (const part of parts) expect(JSON.stringify(part)).not.toMatch(/\\ud/)
    expect(grown(Schema.Unknown, ['["\ud83d', '\ude00"]'])).toEqual([[""], ["😀"]])
    expect(last(Schema.Unknown, String.raw`["\ud83d"]`)).toEqual(["\ud83d"])
  })

  it("has what is given stay as it was, and shares what is whole", () => {
    const parts = grown(Schema.Unknown, ['{"a":{"b":[1,2]},"c":["x', "y", '","z"]}'])
    expect(parts).toEqual([
      { a: { b: [1, 2] }, c: ["x"] },
      { a: { b: [1, 2] }, c: ["xy"] },
      { a: { b: [1, 2] }, c: ["xy", "z"] }
    ])
    const [first, second] = parts
    expect(Reflect.get(first as object, "a")).toBe(Reflect.get(second as object, "a"))
  })

  it("gives nothing where nothing more is to be seen", () => {
    expect(grown(Schema.Unknown, ["[", " ", "\n", "1", "2", ",", " ", "{", "}", "]", " ", "x"])).toEqual([
      [],
      [12],
      [12, {}]
    ])
  })

  it("stops where it is no JSON", () => {
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

  it("is copied in proportion to its text, also where a list or an object of thousands is open", () => {
    const copied = <A, I>(schema: Schema.Schema<A, I>, value: unknown): number => {
      const text = JSON.stringify(value)
      const parts = grown(
        schema,
        cutAt(
          text,
          Array.from({ length: text.length / 4 }, (_, index) => index * 4)
        )
      )
      expect(parts.length).toBeGreaterThan(10)
      return parts.reduce((sum: number, part) => sum + Object.keys(part as object).length, 0) / text.length
    }
    const list = (length: number) => Array.from({ length }, (_, index) => index)
    const table = (length: number) => Object.fromEntries(list(length).map((index) => [`key ${index}`, index]))
    for (const size of [1000, 4000]) {
      expect(copied(Schema.Array(Schema.Number), list(size))).toBeLessThan(140)
      expect(copied(Schema.Record({ key: Schema.String, value: Schema.Number }), table(size))).toBeLessThan(60)
    }
  })

  it("nests as deep as it likes", () => {
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

  it("leaves out what does not fit its place, and all that comes after it in a list", () => {
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

  it("is that of the JSON, before it is decoded", () => {
    const schema = Schema.Struct({ who: Person, count: Schema.NumberFromString }).pipe(
      Schema.rename({ count: "total" })
    )
    expect(last(schema, '{"who":{"name":"Ada","born":"1815-12-10"},"count":"3","total":1}')).toEqual({
      who: { name: "Ada", born: "1815-12-10" },
      count: "3"
    })
    expect(last(Schema.Struct({ count: Schema.NumberFromString }), '{"count":3,"x":1}')).toEqual({})
  })

  it("knows unions, literals, tuples, records, recursion and anything", () => {
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
