import { FastCheck } from "effect"
import { afterEach, describe, expect, it, vi } from "vitest"
import { parseJson } from "../../src/http/Json.js"
import { SimilarJson } from "../../src/http/SimilarJson.js"
import { collectGarbage } from "../support/garbage.js"

/** Parses texts as the events of one response, each of which says what the next ones are like. */
const parseAll = (texts: ReadonlyArray<string>): ReadonlyArray<object | undefined> => {
  const json = new SimilarJson()
  return texts.map((text) => {
    const value = json.parse(text)
    if (value !== undefined) json.expectMoreLike(text)
    return value
  })
}

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/** How many texts a function parses by `JSON.parse`. */
const parsedTexts = (run: () => void): number => {
  const parse = vi.spyOn(JSON, "parse")
  run()
  return parse.mock.calls.filter(([text]) => text.startsWith("{")).length
}

const eventOf = (content: string, at: number): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    created: 1700000000 + at,
    choices: [{ index: 0, delta: { content }, stop: null }]
  })

type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Replaces strings and numbers of a value by others, in order. */
const withScalars = (value: Json, next: () => string | number | undefined): Json => {
  if (typeof value === "string" || typeof value === "number") return next() ?? value
  if (Array.isArray(value)) return value.map((element) => withScalars(element, next))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withScalars(inner, next)]))
}

const scalar = FastCheck.oneof(
  FastCheck.constantFrom("", "\\", '"', "\n", "é", "\u2028", "\ud800", "😀", "}", '"}', "0", "__proto__"),
  FastCheck.string({ maxLength: 30 }),
  FastCheck.integer({ min: -2, max: 300 }),
  FastCheck.constantFrom(0, -0, 1e21, 1.5, 1e-7, Number.MAX_SAFE_INTEGER, 2 ** 70)
)

const key = FastCheck.oneof(
  FastCheck.constantFrom("1", "0", "__proto__", "a b", '"', "toString", "é"),
  FastCheck.string()
)

const { value } = FastCheck.letrec<{ value: Json; list: Json; object: Json }>((tie) => ({
  value: FastCheck.oneof({ maxDepth: 3 }, scalar, FastCheck.constantFrom(null, true), tie("list"), tie("object")),
  list: FastCheck.array(tie("value"), { maxLength: 3 }),
  object: FastCheck.dictionary(key, tie("value"), { maxKeys: 4 })
}))

/** Changes to a text: white space between tokens, other ways to write a string, and damage. */
const change = FastCheck.oneof(
  { weight: 6, arbitrary: FastCheck.constant((text: string) => text) },
  FastCheck.nat({ max: 3 }).map((count) => (text: string) => text.replace(/\}$/, `${" ".repeat(count)}}`)),
  FastCheck.constantFrom(
    (text: string) => text.replaceAll(":", ": "),
    (text: string) => text.replaceAll('"é', '"\\u00e9'),
    (text: string) => text.replaceAll("/", "\\/"),
    (text: string) => text.replace(/\d+/, "0$&"),
    (text: string) => text.replace(/\d+/, "$&.0"),
    (text: string) => text.replace(/\d+/, "-"),
    (text: string) => text.replace(/"([^"]*)"/, '"\\x$1"'),
    (text: string) => text.replace(/"([^"]*)"/, '"\t$1"'),
    (text: string) => text.replace(/^\{"([^"]*)":/, '{"$1":1,"$1":'),
    (text: string) => text.slice(0, -1),
    (text: string) => `${text}}`,
    (text: string) => `${text} `
  ),
  FastCheck.tuple(FastCheck.nat({ max: 60 }), FastCheck.constantFrom("", '"', "\\", "{", ",", "0", "\u00a0")).map(
    ([at, inserted]) =>
      (text: string) =>
        text.slice(0, at) + inserted + text.slice(at + 1)
  )
)

describe("SimilarJson", () => {
  afterEach(() => vi.restoreAllMocks())

  it("gives what JSON.parse gives for any texts, however similar or damaged", () => {
    const texts = FastCheck.tuple(
      FastCheck.dictionary(key, value, { minKeys: 1, maxKeys: 4 }),
      FastCheck.array(FastCheck.tuple(FastCheck.array(FastCheck.option(scalar), { maxLength: 8 }), change), {
        minLength: 3,
        maxLength: 8
      })
    ).map(([sample, edits]) =>
      edits.map(([scalars, edit]) => {
        const left = [...scalars]
        return edit(JSON.stringify(withScalars(sample, () => left.shift() ?? undefined)))
      })
    )
    FastCheck.assert(
      FastCheck.property(texts, (texts) => {
        expect(parseAll(texts)).toStrictEqual(texts.map(parseJson))
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    ["a control character", '{"s":"a\tb","n":4}'],
    ["an unknown escape", '{"s":"a\\xb","n":4}'],
    ["half an escape", '{"s":"a\\u12","n":4}'],
    ["an escaped quote", '{"s":"a\\","n":4}'],
    ["no quote", '{"s":"a'],
    ["no number", '{"s":"a","n":}'],
    ["a leading zero", '{"s":"a","n":07}'],
    ["only zero", '{"s":"a","n":0}'],
    ["a sign", '{"s":"a","n":-7}'],
    ["a fraction", '{"s":"a","n":1.50}'],
    ["a huge number", `{"s":"a","n":${"9".repeat(400)}}`],
    ["other white space", '{"s":"a","n":4\u00a0}'],
    ["more after its end", '{"s":"a","n":4}}'],
    ["another type", '{"s":4,"n":"a"}'],
    ["one more field", '{"s":"a","n":4,"s":null}']
  ])("gives what JSON.parse gives for a text with %s between similar ones", (_, odd) => {
    const texts = [1, 2, 3].map((n) => `{"s":"a${n}","n":${n}}`)
    const all = [...texts, odd, ...texts, odd, odd]
    expect(parseAll(all)).toStrictEqual(all.map(parseJson))
  })

  it.each([
    ["repeats a key", (n: number) => `{"s":"a${n}","s":"b${n}","t":"c${n}"}`],
    ["has keys that an object sorts", (n: number) => `{"b":"a${n}","1":"b${n}","0":{"b":"c${n}"}}`],
    ["names the prototype", (n: number) => `{"__proto__":{"s":"a${n}"},"s":${n}}`]
  ])("gives what JSON.parse gives for similar texts of which each %s", (_, textOf) => {
    const texts = [1, 2, 3, 4].map(textOf)
    expect(parseAll(texts).map((value) => JSON.stringify(value))).toStrictEqual(
      texts.map((text) => JSON.stringify(JSON.parse(text)))
    )
  })

  it("does not run JSON.parse for texts that differ in strings and counts", () => {
    const texts = Array.from({ length: 1000 }, (_, at) => eventOf(` word${at}`, at))
    expect(parsedTexts(() => parseAll(texts))).toBeLessThan(6)
  })

  it("goes on after padding, escapes and a change to other fields", () => {
    const padding = (at: number) => " ".repeat(at % 7)
    const texts = [
      ...Array.from({ length: 100 }, (_, at) => `{"index":0,"delta":{"thinking":"a${at}\\n"}}`),
      ...Array.from({ length: 100 }, (_, at) => `{"index":0,"delta":{"text":"\\"b\\u00e9${at}"}${padding(at)}}`)
    ]
    const expected = texts.map(parseJson)
    expect(parsedTexts(() => expect(parseAll(texts)).toStrictEqual(expected))).toBeLessThan(12)
  })

  it("gives values that share nothing, so that changing one changes no other", () => {
    const json = new SimilarJson()
    const deface = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return
      for (const inner of Object.values(value)) deface(inner)
      for (const key of Object.keys(value)) Reflect.set(value, key, "defaced")
    }
    for (let at = 0; at < 20; at++) {
      const text = eventOf(` word${at}`, at)
      const parsed = json.parse(text)
      expect(parsed).toStrictEqual(JSON.parse(text))
      json.expectMoreLike(text)
      deface(parsed)
    }
  })

  it("retains nothing of the network reads that the texts are slices of", () => {
    const read = (at: number) => `${String(at).repeat(2 ** 20)}${eventOf(`the words of event ${at}`, at)}`
    const before = heapUsed()
    const values = parseAll(Array.from({ length: 30 }, (_, at) => read(10 + at).slice(2 ** 21)))
    // The reads have 2 MiB each.
    expect(heapUsed() - before).toBeLessThan(10 * 2 ** 20)
    expect(values).toHaveLength(30)
  })

  it("makes no more templates for a response whose texts keep differing", () => {
    // Each text is like the one before or the one after it.
    const texts = Array.from({ length: 1000 }, (_, at) => JSON.stringify({ [`key${Math.floor(at / 2)}`]: at }))
    expect(parsedTexts(() => parseAll(texts))).toBeLessThan(1020)
  })
})
