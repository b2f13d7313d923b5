/** Whoever points at a public name in an editor can read what it is. */
import { describe, expect, it } from "vitest"
import { hovers } from "./hovers.js"

const all = hovers()

/** A list of words is as long as it has to be, and an editor cuts it where it likes. */
const withoutWords = (text: string): string =>
  text.replace(/"[^"]*"/g, '"…"').replace(/(?:(?:"…"|\.\.\. \d+ more \.\.\.)(?: \| )?){5,}/g, '"…"')

const broken = (rule: (text: string) => boolean): ReadonlyArray<string> =>
  all.filter(({ text }) => rule(withoutWords(text))).map(({ name, text }) => `${name}\n${text}`)

describe("a hover", () => {
  it("shows every public name", () => {
    expect(all.length).toBeGreaterThan(150)
    expect(broken((text) => text === "")).toEqual([])
  })

  it("is short", () => {
    expect(broken((text) => text.length > 320)).toEqual([])
  })

  it("is not cut, and names no unknown type, file or helper of the compiler's", () => {
    expect(broken((text) => /\.\.\. \d+ more|\bany\b|import\(|_base\b|\btypeof\b/.test(text))).toEqual([])
  })
})
