/** The binary event stream of AWS as a framing: https://smithy.io/2.0/aws/amazon-eventstream.html */
import type { Frame, FrameReader, Framing, FramingFailure } from "../../../src/http/framing/Framing.js"

/** A header by its type: booleans, integers of 8 to 32 bits, 64-bit integers and timestamps, bytes, strings, UUIDs. */
export type HeaderValue = boolean | number | bigint | Uint8Array | string

/** A message whose checksums are right. */
export interface Message {
  readonly headers: ReadonlyMap<string, HeaderValue>
  readonly payload: Uint8Array
}

// Total length, length of the headers, checksum of both: 4 bytes each.
const preludeSize = 12
const checksumSize = 4

const text = new TextDecoder()

const checksums = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 as in gzip. */
export const crc32 = (bytes: Uint8Array): number => {
  let value = 0xffffffff
  for (const byte of bytes) value = (value >>> 8) ^ (checksums[(value ^ byte) & 0xff] ?? 0)
  return ~value >>> 0
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Reads the headers of a message; `undefined` where they do not fill their bytes exactly. */
export const readHeaders = (bytes: Uint8Array): ReadonlyMap<string, HeaderValue> | undefined => {
  const view = viewOf(bytes)
  const headers = new Map<string, HeaderValue>()
  let at = 0
  const take = (size: number): Uint8Array => {
    if (at + size > bytes.length) throw new RangeError("the header is longer than its bytes")
    at += size
    return bytes.subarray(at - size, at)
  }
  const sized = (): Uint8Array => take(viewOf(take(2)).getUint16(0))
  try {
    while (at < view.byteLength) {
      const name = text.decode(take(take(1)[0] ?? 0))
      headers.set(name, readValue(take(1)[0] ?? -1, take, sized))
    }
    return headers
  } catch {
    return undefined
  }
}

const readValue = (type: number, take: (size: number) => Uint8Array, sized: () => Uint8Array): HeaderValue => {
  switch (type) {
    case 0:
      return true
    case 1:
      return false
    case 2:
      return viewOf(take(1)).getInt8(0)
    case 3:
      return viewOf(take(2)).getInt16(0)
    case 4:
      return viewOf(take(4)).getInt32(0)
    case 5:
    case 8:
      return viewOf(take(8)).getBigInt64(0)
    case 6:
      return sized().slice()
    case 7:
      return text.decode(sized())
    case 9:
      return Array.from(take(16), (byte) => byte.toString(16).padStart(2, "0"))
        .join("")
        .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")
    default:
      throw new RangeError("the type of the header is unknown")
  }
}

/** An event keeps its name; an exception becomes an `error` event in the form that every protocol reads. */
const frameOf = ({ headers, payload }: Message): Frame => {
  const header = (name: string): string => String(headers.get(name) ?? "")
  const data = text.decode(payload)
  switch (header(":message-type")) {
    case "exception":
      return errorFrame(header(":exception-type"), messageIn(data))
    case "error":
      return errorFrame(header(":error-code"), header(":error-message"))
    default:
      return { event: header(":event-type"), data }
  }
}

const errorFrame = (type: string, message: string): Frame => ({
  event: "error",
  data: JSON.stringify({ error: { type, message } })
})

const messageIn = (data: string): string => {
  try {
    const { message, Message = "" } = JSON.parse(data)
    return String(message ?? Message)
  } catch {
    return data
  }
}

class AwsEventStreamReader implements FrameReader {
  failure: FramingFailure | undefined
  readonly nonEventText = ""

  /** The bytes of the message that is not complete; at most `maxEventSize` and one read. */
  private buffer = new Uint8Array(1024)
  private size = 0
  /** The total length of the message that is not complete, once its prelude has been checked. */
  private total: number | undefined

  constructor(private readonly maxEventSize: number) {}

  push(bytes: Uint8Array): ReadonlyArray<Frame> {
    if (this.failure !== undefined) return []
    this.append(bytes)
    const frames: Array<Frame> = []
    let start = 0
    while (this.failure === undefined) {
      this.total ??= this.readPrelude(this.buffer.subarray(start, this.size))
      if (this.total === undefined || start + this.total > this.size) break
      const message = this.readMessage(this.buffer.subarray(start, start + this.total))
      if (message !== undefined) frames.push(frameOf(message))
      start += this.total
      this.total = undefined
    }
    this.buffer.copyWithin(0, start, this.size)
    this.size -= start
    if (this.failure !== undefined) this.buffer = new Uint8Array()
    return frames
  }

  end(): ReadonlyArray<Frame> {
    if (this.size > 0) this.failure ??= { type: "truncated" }
    return []
  }

  private append(bytes: Uint8Array): void {
    const needed = this.size + bytes.length
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2))
      larger.set(this.buffer.subarray(0, this.size))
      this.buffer = larger
    }
    this.buffer.set(bytes, this.size)
    this.size = needed
  }

  private readPrelude(bytes: Uint8Array): number | undefined {
    if (bytes.length < preludeSize) return undefined
    const view = viewOf(bytes)
    const total = view.getUint32(0)
    if (crc32(bytes.subarray(0, 8)) !== view.getUint32(8)) return this.corrupt("the checksum of a prelude is wrong")
    if (preludeSize + view.getUint32(4) + checksumSize > total) {
      return this.corrupt("the headers of a message are longer than the message")
    }
    if (total > this.maxEventSize) {
      this.failure = { type: "tooLarge" }
      return undefined
    }
    return total
  }

  private readMessage(bytes: Uint8Array): Message | undefined {
    const view = viewOf(bytes)
    const end = bytes.length - checksumSize
    if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) return this.corrupt("the checksum of a message is wrong")
    const payloadStart = preludeSize + view.getUint32(4)
    const headers = readHeaders(bytes.subarray(preludeSize, payloadStart))
    if (headers === undefined) return this.corrupt("the headers of a message are not as documented")
    return { headers, payload: bytes.subarray(payloadStart, end) }
  }

  private corrupt(problem: string): undefined {
    this.failure = { type: "corrupt", problem }
  }
}

/** Frames a response as an AWS event stream; its largest event is measured in bytes. */
export const awsEventStream: Framing = (maxEventSize) => new AwsEventStreamReader(maxEventSize)
