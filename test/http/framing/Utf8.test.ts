import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { Utf8Decoder } from "../../../src/http/framing/Utf8.js"

const decode = (reads: ReadonlyArray<Uint8Array>): string => {
  const decoder = new Utf8Decoder()
  return reads.map((read) => decoder.push(read)).join("") + decoder.end()
}

const piecesOf = (bytes: Uint8Array, splits: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const edges = [0, ...splits.map((split) => split % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
}

// Favors bytes that begin or continue characters of each length, and bytes that are invalid in UTF-8.
const byte = FastCheck.oneof(
  FastCheck.constantFrom(
    0x41,
    0x7f,
    0x80,
    0xbf,
    0xc2,
    0xe2,
    0x82,
    0xac,
    0xed,
    0xa0,
    0xef,
    0xbb,
    0xf0,
    0x9f,
    0x98,
    0xf5
  ),
  FastCheck.integer({ min: 0, max: 255 })
)

describe("Utf8Decoder", () => {
  it("decodes any bytes, split anywhere, as TextDecoder decodes them at once", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(byte, { maxLength: 40 }),
        FastCheck.array(FastCheck.nat(), { maxLength: 8 }),
        (values, splits) => {
          const bytes = Uint8Array.from(values)
          expect(decode(piecesOf(bytes, splits))).toBe(new TextDecoder().decode(bytes))
        }
      ),
      { numRuns: 5000 }
    )
  })

  it("removes a byte order mark at the start, even a split one, and keeps later ones", () => {
    const bytes = new TextEncoder().encode("\uFEFFone\uFEFFtwo")
    expect(decode(Array.from(bytes, (value) => Uint8Array.of(value)))).toBe("one\uFEFFtwo")
    expect(decode([bytes.slice(0, 6), bytes.slice(6)])).toBe("one\uFEFFtwo")
  })

  it("returns each character as soon as it is complete", () => {
    const decoder = new Utf8Decoder()
    const [first = new Uint8Array(), second = new Uint8Array()] = piecesOf(new TextEncoder().encode("ab€c"), [4])
    expect([decoder.push(first), decoder.push(second)]).toEqual(["ab", "€c"])
  })
})
