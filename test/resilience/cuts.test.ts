/** A stream that is cut, at whatever byte, never ends as if it were whole. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { collect, LLMClient } from "llm-connectivity"
import type { Family, SimulatedReply } from "llm-connectivity/testing"
import { asking, families, question } from "../support/contract.js"
import { type Fixture, fixtures, readings } from "../support/dialects.js"

/** What a finish reason looks like to someone who knows nothing of how we read. */
const finishes: { readonly [Each in Family]: RegExp } = {
  "openai-chat": /^.*"finish_reason": ?"/m,
  "openai-responses": /^data: ?\{"type": ?"response\.(?:completed|incomplete)"/m,
  "anthropic-messages": /^.*"stop_reason": ?"/m,
  "google-gemini": /^.*"(?:finishReason|blockReason)": ?"/m
}

/** Where the event with the finish reason ends, but for its line end; nowhere in a stream that fails by itself. */
const finishEnd = ({ family, bytes }: Pick<Fixture, "family" | "bytes">): number => {
  const text = Buffer.from(bytes).toString("latin1")
  const start = text.search(finishes[family])
  return start === -1 ? Number.POSITIVE_INFINITY : start + (/[\r\n]/.exec(text.slice(start))?.index ?? text.length)
}

describe.each(fixtures)("$name", (fixture) => {
  const { bytes, family } = fixture
  const read = readings[family]
  const whole = read([bytes])
  const end = finishEnd(fixture)
  const cuts = Array.from(bytes, (_, at) => ({ at, ...read([bytes.subarray(0, at)]) }))

  it("never ends cleanly when it is cut before its finish reason, at whatever byte", () => {
    const early = cuts.filter(({ at }) => at < end)
    // Before it has said its own error, a stream that has one is just cut.
    const tags = new Set(["NetworkError: Truncated", ...(whole.error === undefined ? [] : [told(whole.error)])])
    expect(early.length).toBeGreaterThan(100)
    expect(early.filter(({ error, response }) => response !== undefined || !tags.has(told(error)))).toEqual([])
    const isPrefix = (each: (typeof cuts)[number]) =>
      whole.partial.content.startsWith(each.partial.content) &&
      whole.partial.reasoning.startsWith(each.partial.reasoning)
    expect(early.filter((each) => !isPrefix(each))).toEqual([])
  })

  it("is complete when it is cut after its finish reason, at whatever byte", () => {
    const late = cuts.filter(({ at }) => at >= end)
    const { content, reasoning, toolCalls, finishReason } = whole.response ?? {}
    expect(late.length > 0).toBe(whole.response !== undefined)
    for (const { at, response } of late)
      expect({ at, ...response }).toMatchObject({ at, content, reasoning, toolCalls, finishReason })
  })

  it("gives the same chunks wherever the network splits it", () => {
    const said = JSON.stringify([whole.chunks, whole.error])
    const isOther = (at: number) => {
      const { chunks, error } = read([bytes.subarray(0, at), bytes.subarray(at)])
      return JSON.stringify([chunks, error]) !== said
    }
    expect(Array.from(bytes.keys()).filter(isOther)).toEqual([])
    const bytewise = read(Array.from(bytes, (byte) => Uint8Array.of(byte)))
    expect([bytewise.chunks, bytewise.error]).toEqual([whole.chunks, whole.error])
  })
})

const told = (error: object | undefined): string =>
  error === undefined ? "complete" : [Reflect.get(error, "_tag"), Reflect.get(error, "reason")].join(": ")
