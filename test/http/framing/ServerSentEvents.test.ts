import { readFileSync } from "node:fs"
import { FastCheck } from "effect"
import { createParser } from "eventsource-parser"
import { describe, expect, it } from "vitest"
import type { Framing } from "../../../src/http/framing/Framing.js"
import { looseServerSentEvents } from "../../../src/http/framing/looseServerSentEvents.js"
import { serverSentEvents } from "../../../src/http/framing/ServerSentEvents.js"
import { defaultSizeLimits } from "../../../src/http/SizeLimits.js"

const encoder = new TextEncoder()

const readAll = (framing: Framing, reads: ReadonlyArray<Uint8Array>): ReadonlyArray<string> => {
  const reader = framing(defaultSizeLimits.maxEventSize)
  const events = reads.flatMap((read) => [...reader.push(read)])
  return [...events, ...reader.end()].map((event) => `${event.event ?? ""}|${event.data}`)
}

/** What a well-known parser reads, given the whole text at once. */
const parsed = (text: string): ReadonlyArray<string> => {
  const events: Array<string> = []
  const parser = createParser({ onEvent: ({ event, data }) => events.push(`${event ?? ""}|${data}`) })
  parser.feed(text)
  parser.feed("\n\n")
  return events
}

const text =
  ': hello\n\nevent: a\ndata: {"x":"zwei\u2028 👋"}\n\nretry: 10\nid: 7\ndata: one\ndata: two\n\n:\n\ndata: last'
const expected = ['a|{"x":"zwei\u2028 👋"}', "|one\ntwo", "|last"]

describe.each([
  ["serverSentEvents", serverSentEvents],
  ["looseServerSentEvents", looseServerSentEvents]
])("%s", (_, framing) => {
  const split = (reads: ReadonlyArray<Uint8Array>) => readAll(framing, reads)

  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"]
  ])("returns the same events wherever a read is split, with %s line endings", (_, lineEnd) => {
    const bytes = encoder.encode(text.replaceAll("\n", lineEnd))
    for (let at = 0; at <= bytes.length; at++) {
      expect(split([bytes.slice(0, at), bytes.slice(at)])).toEqual(expected)
    }
    expect(split(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it("returns the same events for any number of splits", () => {
    const bytes = encoder.encode(text)
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(bytes.length)), (splits) => {
        const edges = [0, ...splits.sort((a, b) => a - b), bytes.length]
        expect(split(edges.slice(1).map((end, index) => bytes.slice(edges[index], end)))).toEqual(expected)
      })
    )
  })

  it("agrees with eventsource-parser on any text, wherever it is split", () => {
    const pieces = ["data:", "data", "event:", "event", "id: 1", "retry: 5", "other: x", ":", " ", "x", "\u2028", "é"]
    const ends = ["\n", "\r", "\r\n", "\n\n"]
    const texts = FastCheck.array(FastCheck.constantFrom(...pieces, ...ends, ...ends), { maxLength: 40 })
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.array(FastCheck.nat(99)), (parts, splits) => {
        const bytes = encoder.encode(parts.join(""))
        const edges = [0, ...splits.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]
        expect(split(edges.slice(1).map((end, index) => bytes.slice(edges[index], end)))).toEqual(
          parsed(parts.join(""))
        )
      }),
      { numRuns: 3000 }
    )
  })

  it("skips a byte order mark", () => {
    expect(split([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), encoder.encode("data: x\n\n")])).toEqual(["|x"])
  })

  it("fails on an event above the size limit, in one read or in many", () => {
    const singleRead = framing(100)
    expect(singleRead.push(encoder.encode(`data: ${"x".repeat(101)}\n\n`))).toEqual([])
    expect(singleRead.failure).toEqual({ type: "tooLarge" })
    const endless = framing(100)
    for (let read = 0; read < 20; read++) expect(endless.push(encoder.encode("data: 0123456789\n"))).toEqual([])
    expect(endless.failure).toEqual({ type: "tooLarge" })
    const fits = framing(100)
    for (let read = 0; read < 20; read++)
      expect(fits.push(encoder.encode(`: ping\n\ndata: ${read}\n\n`))).toHaveLength(1)
    expect(fits.failure).toBeUndefined()
  })

  it("reads a recorded stream", () => {
    const bytes = readFileSync(new URL("../../fixtures/openai-chat/text.sse", import.meta.url))
    expect(split([bytes])).toHaveLength(7)
  })
})

describe("looseServerSentEvents", () => {
  it("reads an object a line, however many, and keeps no more of them than the first", () => {
    const reader = looseServerSentEvents(defaultSizeLimits.maxEventSize)
    const line = encoder.encode(`{"text":"${"x".repeat(10_000)}"}\n`)
    const read = Array.from({ length: 300 }, () => reader.push(line).length)
    expect(read.every((frames) => frames === 1)).toBe(true)
    expect(reader.nonEventText).toHaveLength(line.length)
  })

  it("keeps a bounded part of what is no event, and reads events after it", () => {
    const reader = looseServerSentEvents(defaultSizeLimits.maxEventSize)
    for (let at = 0; at < 300; at++) reader.push(encoder.encode(`${"x".repeat(10_000)}\n`))
    expect(reader.nonEventText.length).toBeLessThanOrEqual(1024 * 1024 + 1)
    expect(reader.push(encoder.encode('{"a":1}\n'))).toHaveLength(1)
  })

  it("keeps lines outside events, such as a bare JSON body", () => {
    const reader = looseServerSentEvents(defaultSizeLimits.maxEventSize)
    reader.push(encoder.encode('{\n  "error": {"code": 429}\n}'))
    reader.end()
    expect(JSON.parse(reader.nonEventText)).toEqual({ error: { code: 429 } })
  })

  it.each([
    ["fields that are indented or in capitals", ' data: {"a":1}\n\nDATA:{"a":2}\n\n', ['|{"a":1}', '|{"a":2}']],
    [
      "one line end between events",
      'data: {"a":1}\ndata: {"a":2}\ndata: [DONE]\n',
      ['|{"a":1}', '|{"a":2}', "|[DONE]"]
    ],
    ["an object a line", '{"a":1}\n{"a":2}\n', ['|{"a":1}', '|{"a":2}']]
  ])("reads %s", (_, written, events) => {
    expect(readAll(looseServerSentEvents, [encoder.encode(written)])).toEqual(events)
  })
})
