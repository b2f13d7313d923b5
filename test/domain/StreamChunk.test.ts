import { Schema } from "effect"
import { StreamChunk } from "llm-connectivity"
import { describe, expect, it } from "vitest"
import { cpuMillis } from "../support/atAnySpeed.js"

describe("StreamChunk.make", () => {
  it("fills in absent fields", () => {
    expect(StreamChunk.make({ content: "Hi" })).toEqual({
      content: "Hi",
      reasoning: "",
      toolCalls: [],
      finishReason: null,
      usage: null,
      rawChunk: null
    })
  })

  it("rejects wrong values, and drops unknown fields", () => {
    const wrong: object = { content: 1 }
    const unknown: object = { content: "Hi", other: 1 }
    expect(() => StreamChunk.make(wrong)).toThrow(/"content"[\s\S]*Expected string, actual 1/)
    expect(StreamChunk.make(unknown)).toEqual(StreamChunk.make({ content: "Hi" }))
  })

  it("compiles the schema for the first chunk alone", () => {
    const millisOf = (run: () => unknown): number => {
      const startedAt = cpuMillis()
      for (let count = 0; count < 200; count++) run()
      return cpuMillis() - startedAt
    }
    const chunk = StreamChunk.make({ content: "Hi" })
    const compiled = millisOf(() => Schema.validateSync(StreamChunk)(chunk))
    const make = () => StreamChunk.make({ content: "Hi" })
    // Optimized by V8, it takes a tenth of that.
    for (let count = 0; count < 2000; count++) make()
    // The best of five: a garbage collection takes as long as all of them.
    const made = Math.min(...Array.from({ length: 5 }, () => millisOf(make)))
    expect(made).toBeLessThan(compiled / 4)
  })
})
