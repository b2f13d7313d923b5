import { readFileSync } from "node:fs"
import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import { ServerSentEventSplitter } from "../../src/http/ServerSentEvents.js"

const encoder = new TextEncoder()

const split = (reads: ReadonlyArray<Uint8Array>, maxEventSize?: number): ReadonlyArray<string> => {
  const splitter = new ServerSentEventSplitter(maxEventSize)
  const events = reads.flatMap((read) => [...splitter.push(read)])
  return [...events, ...splitter.end()].map((event) => `${event.event ?? ""}|${event.data}`)
}

const text =
  ': hello\n\nevent: a\ndata: {"x":"zwei\u2028 👋"}\n\nretry: 10\nid: 7\ndata: one\ndata: two\n\n:\n\ndata: last'
const expected = ['a|{"x":"zwei\u2028 👋"}', "|one\ntwo", "|last"]

describe("bytes to events", () => {
  it.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"]
  ])("are the same wherever a read is split, with %s", (_, lineEnd) => {
    const bytes = encoder.encode(text.replaceAll("\n", lineEnd))
    for (let at = 0; at <= bytes.length; at++) {
      expect(split([bytes.slice(0, at), bytes.slice(at)])).toEqual(expected)
    }
    expect(split(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it("are the same for any pieces", () => {
    const bytes = encoder.encode(text)
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(bytes.length)), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        expect(split(edges.slice(1).map((end, index) => bytes.slice(edges[index], end)))).toEqual(expected)
      })
    )
  })

  it("skip a byte order mark", () => {
    expect(split([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), encoder.encode("data: x\n\n")])).toEqual(["|x"])
  })

  it("are bounded, whether the event comes in one read or never ends", () => {
    const whole = new ServerSentEventSplitter(100)
    expect(whole.push(encoder.encode(`data: ${"x".repeat(101)}\n\n`))).toEqual([])
    expect(whole.tooLarge).toBe(true)
    const endless = new ServerSentEventSplitter(100)
    for (let read = 0; read < 20; read++) expect(endless.push(encoder.encode("data: 0123456789\n"))).toEqual([])
    expect(endless.tooLarge).toBe(true)
    const fits = new ServerSentEventSplitter(100)
    for (let read = 0; read < 20; read++)
      expect(fits.push(encoder.encode(`: ping\n\ndata: ${read}\n\n`))).toHaveLength(1)
    expect(fits.tooLarge).toBe(false)
  })

  it("keep the lines that are no event, as when a body is bare JSON", () => {
    const splitter = new ServerSentEventSplitter()
    splitter.push(encoder.encode('{\n  "error": {"code": 429}\n}'))
    splitter.end()
    expect(JSON.parse(splitter.nonEventText)).toEqual({ error: { code: 429 } })
  })

  it("read our own recordings as they were written", () => {
    const bytes = readFileSync(new URL("../fixtures/openai-chat/text.sse", import.meta.url))
    expect(split([bytes])).toHaveLength(7)
  })
})
