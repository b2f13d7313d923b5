/** The split of a batch into as many of the provider's batches as its limits need. */
import { describe, expect, it } from "@effect/vitest"
import { Either } from "effect"
import { type EncodedItem, partsOf } from "../../src/batch/encodeItems.js"

const items = (...models: ReadonlyArray<string>): ReadonlyArray<EncodedItem> =>
  models.map((model, index) => ({ id: `${index}`, model, line: `{"é":${index}}` }))

// With the separator after it.
const lineBytes = 9

const split = (given: ReadonlyArray<EncodedItem>, limits: Partial<Parameters<typeof partsOf>[1]>) =>
  Either.map(partsOf(given, { maxItems: 100, maxBytes: 1000, isOneModel: true, ...limits }), (parts) =>
    parts.map((part) => [part.model, part.items.map(({ id }) => id).join("")])
  )

describe("the parts of a batch", () => {
  it("have one model each where the provider wants it, and else all of them", () => {
    expect(split(items("a", "b", "a"), {})).toEqual(
      Either.right([
        ["a", "02"],
        ["b", "1"]
      ])
    )
    expect(split(items("a", "b", "a"), { isOneModel: false })).toEqual(Either.right([["", "012"]]))
  })

  it("have at most so many requests and bytes of UTF-8", () => {
    const five = items("a", "a", "a", "a", "a")
    const inTwos = Either.right([
      ["a", "01"],
      ["a", "23"],
      ["a", "4"]
    ])
    expect(split(five, { maxItems: 2 })).toEqual(inTwos)
    expect(split(five, { maxBytes: 3 * lineBytes - 1 })).toEqual(inTwos)
    expect(split(five, { maxBytes: 3 * lineBytes })).not.toEqual(inTwos)
  })

  it("cannot hold a request that is larger than a whole batch", () => {
    expect(split(items("a"), { maxBytes: 5 })).toEqual(Either.left("item 0 has more than 5 bytes; make it shorter"))
  })
})
