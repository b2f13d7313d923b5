import { describe, expect, it } from "vitest"
import { Utf8Index } from "../../src/protocol/google-gemini/Utf8Index.js"

const characters = ["a", "ü", "–", "🏆"]

/** A text of all lengths of characters, some blocks long. */
const text = Array.from({ length: 9000 }, (_, index) => characters[(index * 7) % 4]).join("")

const bytesIn = (value: string): number => Buffer.byteLength(value)

const indexOf = (pieces: ReadonlyArray<string>): Utf8Index => {
  const index = new Utf8Index()
  for (const piece of pieces) index.push(piece)
  return index
}

const arrivals: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["in one piece", [text]],
  ["in code units, so that pairs are split", text.split("")],
  [
    "in pieces of 1,000",
    Array.from({ length: Math.ceil(text.length / 1000) }, (_, at) => text.slice(at * 1000, at * 1000 + 1000))
  ]
]

describe.each(arrivals)("offsets in bytes of a text that arrives %s", (_, pieces) => {
  const index = indexOf(pieces)

  it("become those of the same text in UTF-16", () => {
    for (let start = 0; start < text.length - 20; start += 97) {
      const first = start + (text.charCodeAt(start) >= 0xdc00 && text.charCodeAt(start) < 0xe000 ? 1 : 0)
      const last = first + 12 + (text.charCodeAt(first + 12) >= 0xdc00 && text.charCodeAt(first + 12) < 0xe000 ? 1 : 0)
      const offsets = { start: bytesIn(text.slice(0, first)), end: bytesIn(text.slice(0, last)) }
      const range = { start: first, end: last }
      expect(index.rangeOf(offsets, 0, text.slice(first, last))).toEqual(range)
      expect(index.rangeOf(offsets, 0, "another text")).toBeUndefined()
    }
  })

  it("count from a base, wait for text that has not arrived, and never cut a character", () => {
    const base = text.indexOf("a", 5000)
    const cited = text.slice(base, base + 1)
    expect(index.rangeOf({ start: 0, end: 1 }, base, cited)).toEqual({ start: base, end: base + 1 })
    expect(index.rangeOf({ start: 0, end: bytesIn(text) + 1 }, 0, undefined)).toBe("early")
    const trophy = bytesIn(text.slice(0, text.indexOf("🏆")))
    expect(index.rangeOf({ start: trophy + 2, end: bytesIn(text) }, 0, undefined)).toBeUndefined()
    expect(index.rangeOf({ start: trophy + 1, end: bytesIn(text) }, 0, undefined)).toBeUndefined()
  })
})
