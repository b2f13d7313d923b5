/** Reading a body as text, up to a size limit. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Body, readText } from "../../src/http/Body.js"

/** A body of some reads that ends cleanly. */
const bodyOf = (...reads: ReadonlyArray<Uint8Array>): Body => {
  const remaining = [...reads]
  return { next: (onBytes) => onBytes(remaining.shift()) }
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

describe("readText", () => {
  it.effect("returns the complete text of a body within the limit, wherever characters are split", () =>
    Effect.gen(function* () {
      const bytes = encode("zwölf €")
      const reads = Array.from(bytes, (byte) => Uint8Array.of(byte))
      expect(yield* readText(bodyOf(...reads), bytes.length)).toEqual({ text: "zwölf €", end: "clean" })
    })
  )

  it.effect("keeps at most the allowed number of bytes, even when one read is larger", () =>
    Effect.gen(function* () {
      const endless: Body = { next: (onBytes) => onBytes(encode("x".repeat(1000))) }
      expect(yield* readText(endless, 1500)).toEqual({ text: "x".repeat(1500), end: "tooLarge" })
      expect(yield* readText(endless, 10)).toEqual({ text: "x".repeat(10), end: "tooLarge" })
    })
  )

  it.effect("returns the text received before a broken connection, and no text for a compressed body", () =>
    Effect.gen(function* () {
      const half = bodyOf(encode("half"))
      let reads = 0
      const breaking: Body = {
        next: (onBytes, onBroken) => (reads++ === 0 ? half.next(onBytes, onBroken) : onBroken(new Error("reset")))
      }
      expect(yield* readText(breaking, 100)).toEqual({ text: "half", end: "broken" })
      expect(yield* readText(bodyOf(Uint8Array.of(0x1f, 0x8b, 8)), 100)).toEqual({ text: "", end: "compressed" })
    })
  )
})
