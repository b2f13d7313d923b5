/** What a provider or a model writes takes time in proportion to its length, however hostile it is. */
import { describe, expect, it } from "vitest"
import { errorReaders, growthOf, hostileTexts, maxRatio, outputReaders, type Reader } from "../support/growth.js"

const slow = (name: string, read: Reader, length: number) =>
  Object.keys(hostileTexts)
    .map((text) => growthOf(name, read, text, length))
    .filter(({ ratio }) => ratio > maxRatio)

describe("reading four times the text takes at most nine times as long", () => {
  it.each(Object.entries(errorReaders))("%s", (name, read) => expect(slow(name, read, 48 * 1024)).toEqual([]))
  it.each(Object.entries(outputReaders))("%s", (name, read) => expect(slow(name, read, 12 * 1024)).toEqual([]))
})
