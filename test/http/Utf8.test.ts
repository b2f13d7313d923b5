import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { Utf8Decoder } from "../../src/http/Utf8.js"

const decode = (reads: ReadonlyArray<Uint8Array>): string => {
  const decoder = new Utf8Decoder()
  return reads.map((read) => decoder.push(read)).join("") + decoder.end()
}

const piecesOf = (bytes: Uint8Array, cuts: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).map((end, index) => bytes.slice(edges[index], end))
}

// What begins, continues and ends characters of each length, and what nothing begins with, more often than by chance.
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

describe("bytes to text", () => {
  it("are the same in any pieces, and as the platform decodes them at once, be they UTF-8 or not", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(byte, { maxLength: 40 }),
        FastCheck.array(FastCheck.nat(), { maxLength: 8 }),
        (values, cuts) => {
          const bytes = Uint8Array.from(values)
          expect(decode(piecesOf(bytes, cuts))).toBe(new TextDecoder().decode(bytes))
        }
      ),
      { numRuns: 5000 }
    )
  })

  it("lose a byte order mark at their start, also one that is cut, and none after it", () => {
    const bytes = new TextEncoder().encode("\uFEFFone\uFEFFtwo")
    expect(decode(Array.from(bytes, (value) => Uint8Array.of(value)))).toBe("one\uFEFFtwo")
    expect(decode([bytes.slice(0, 6), bytes.slice(6)])).toBe("one\uFEFFtwo")
  })

  it("come as soon as they are whole", () => {
    const decoder = new Utf8Decoder()
    const [first = new Uint8Array(), second = new Uint8Array()] = piecesOf(new TextEncoder().encode("ab€c"), [4])
    expect([decoder.push(first), decoder.push(second)]).toEqual(["ab", "€c"])
  })
})
