import { FastCheck } from "effect"
import { describe, expect, it } from "vitest"
import type { FrameReader } from "../../../src/http/framing/Framing.js"
import { awsEventStream, crc32, readHeaders } from "./awsEventStream.js"
import { encodeException, encodeMessage, encodeRaw } from "./encodeMessage.js"

const maxEventSize = 64 * 1024

const read = (reads: ReadonlyArray<Uint8Array>, max = maxEventSize) => {
  const reader = awsEventStream(max)
  const frames = reads.flatMap((bytes) => [...reader.push(bytes)])
  return { frames: [...frames, ...reader.end()], failure: reader.failure }
}

const event = (type: string, payload: string): Uint8Array =>
  encodeMessage({ ":event-type": type, ":message-type": "event" }, payload)

const join = (...all: ReadonlyArray<Uint8Array>): Uint8Array => Uint8Array.from(Buffer.concat(all))

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"))

// https://github.com/awslabs/aws-c-event-stream/blob/main/tests/message_deserializer_test.c
const published = {
  noHeaders: hex("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936"),
  oneHeader: hex(
    "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1"
  )
}

const bytes = join(event("chunk", '{"text":"zwölf 👋"}'), event("empty", ""), encodeException("slow", "wait"))
const frames = [
  { event: "chunk", data: '{"text":"zwölf 👋"}' },
  { event: "empty", data: "" },
  { event: "error", data: '{"error":{"type":"slow","message":"wait"}}' }
]

describe("an AWS event stream", () => {
  it("reads the messages that AWS publishes as test vectors", () => {
    for (const message of Object.values(published)) {
      expect(read([message])).toEqual({ frames: [{ event: "", data: "{'foo':'bar'}" }], failure: undefined })
    }
    expect(readHeaders(published.oneHeader.subarray(12, 44))).toEqual(new Map([["content-type", "application/json"]]))
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926)
  })

  it("gives the same frames wherever a read is split, and byte by byte", () => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(read([bytes.slice(0, at), bytes.slice(at)])).toEqual({ frames, failure: undefined })
    }
    expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual({ frames, failure: undefined })
  })

  it("gives the same frames for any pieces", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(bytes.length)), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        expect(read(edges.slice(1).map((end, index) => bytes.slice(edges[index], end))).frames).toEqual(frames)
      })
    )
  })

  it("reads headers of every type", () => {
    const uuid = "01234567-89ab-cdef-0123-456789abcdef"
    const message = encodeMessage(
      {
        yes: { type: "boolean", value: true },
        no: { type: "boolean", value: false },
        byte: { type: "byte", value: -7 },
        short: { type: "short", value: -300 },
        integer: { type: "integer", value: -70_000 },
        long: { type: "long", value: -(2n ** 62n) },
        bytes: { type: "bytes", value: Uint8Array.of(0, 255) },
        string: "Grüße",
        timestamp: { type: "timestamp", value: 1_440_938_160_000n },
        uuid: { type: "uuid", value: uuid },
        ":message-type": "event",
        ":event-type": "last"
      },
      "{}"
    )
    const headersEnd = 12 + new DataView(message.buffer).getUint32(4)
    expect(Object.fromEntries(readHeaders(message.subarray(12, headersEnd)) ?? [])).toEqual({
      yes: true,
      no: false,
      byte: -7,
      short: -300,
      integer: -70_000,
      long: -(2n ** 62n),
      bytes: Uint8Array.of(0, 255),
      string: "Grüße",
      timestamp: 1_440_938_160_000n,
      uuid,
      ":message-type": "event",
      ":event-type": "last"
    })
    expect(read([message]).frames).toEqual([{ event: "last", data: "{}" }])
  })

  it("gives the error of a message without a model, whose text is in headers", () => {
    const headers = { ":message-type": "error", ":error-code": "InternalError", ":error-message": "broken" }
    expect(read([encodeMessage(headers, "")]).frames).toEqual([
      { event: "error", data: '{"error":{"type":"InternalError","message":"broken"}}' }
    ])
  })

  it("never gives a frame of a message in which a byte is damaged, whichever byte it is", () => {
    const good = event("good", "1")
    const message = event("chunk", '{"a":1}')
    for (let at = 0; at < message.length; at++) {
      for (const bit of [0x01, 0x80]) {
        const damaged = message.slice()
        damaged[at] = (damaged[at] ?? 0) ^ bit
        const result = read([join(good, damaged, good)])
        expect(result.frames).toEqual([{ event: "good", data: "1" }])
        expect(result.failure).toMatchObject({
          type: "corrupt",
          problem: `the checksum of a ${at < 12 ? "prelude" : "message"} is wrong`
        })
      }
    }
  })

  it("fails on headers that do not fill their bytes, although the checksums are right", () => {
    for (const headers of ["01", "0161", "016107", "01610700ff", "0161ff", "01610961"]) {
      expect(read([encodeRaw(hex(headers), hex("7b7d"))])).toEqual({
        frames: [],
        failure: { type: "corrupt", problem: "the headers of a message are not as documented" }
      })
    }
  })

  it("fails on headers that are longer than their message, although the checksum is right", () => {
    const lengths = hex("00000010000000ff")
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(crc32(lengths))
    expect(read([join(lengths, checksum, hex("00000000"))]).failure).toEqual({
      type: "corrupt",
      problem: "the headers of a message are longer than the message"
    })
  })

  it("fails when the body ends inside a message, and gives the messages before it", () => {
    const first = event("good", "1")
    const both = join(first, event("chunk", '{"a":1}'))
    for (let at = 0; at <= both.length; at++) {
      const count = at < first.length ? 0 : at < both.length ? 1 : 2
      const isBetween = at === 0 || at === first.length || at === both.length
      const result = read([both.slice(0, at)])
      expect(result.frames).toHaveLength(count)
      expect(result.failure).toEqual(isBetween ? undefined : { type: "truncated" })
    }
  })

  it("refuses a message that is too large at its prelude, before the rest has come", () => {
    const large = event("chunk", "x".repeat(1000))
    expect(read([large], large.length).failure).toBeUndefined()
    const reader = awsEventStream(large.length - 1)
    expect(reader.push(large.slice(0, 12))).toEqual([])
    expect(reader.failure).toEqual({ type: "tooLarge" })
  })

  /** The bytes that a reader retains, in all of its fields. */
  const retained = (reader: FrameReader): number =>
    Object.values(reader).reduce((sum: number, field) => sum + (field instanceof Uint8Array ? field.length : 0), 0)

  it("retains no more than one message and one read, and nothing after a failure", () => {
    const reader = awsEventStream(4096)
    const message = event("chunk", "x".repeat(3000))
    for (let count = 0; count < 500; count++) {
      for (let at = 0; at < message.length; at += 100) reader.push(message.slice(at, at + 100))
      expect(retained(reader)).toBeLessThanOrEqual(8192)
    }
    expect(reader.push(message)).toHaveLength(1)
    for (let count = 0; count < 100; count++) reader.push(new Uint8Array(1000).fill(255))
    expect(reader.failure?.type).toBe("corrupt")
    expect(retained(reader)).toBe(0)
  })
})
