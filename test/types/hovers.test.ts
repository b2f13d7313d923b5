/** Editor hovers of public names are readable. */
import { describe, expect, it } from "vitest"
import { hovers } from "./hovers.js"

const all = hovers()

/** Shortens unions of string literals, which may be long and which editors truncate. */
const shortenUnions = (text: string): string =>
  text.replace(/"[^"]*"/g, '"…"').replace(/(?:(?:"…"|\.\.\. \d+ more \.\.\.)(?: \| )?){5,}/g, '"…"')

const broken = (rule: (text: string) => boolean): ReadonlyArray<string> =>
  all.filter(({ text }) => rule(shortenUnions(text))).map(({ name, text }) => `${name}\n${text}`)

describe("a hover", () => {
  it("shows every public name", () => {
    expect(all.length).toBeGreaterThan(150)
    expect(broken((text) => text === "")).toEqual([])
  })

  it("is short", () => {
    expect(broken((text) => text.length > 320)).toEqual([])
  })

  it("is not truncated, and names no unknown type, file or compiler helper", () => {
    expect(broken((text) => /\.\.\. \d+ more|\bany\b|import\(|_base\b|\btypeof\b/.test(text))).toEqual([])
  })
})
