/** Writes messages of an AWS event stream, with the checksum of Node.js instead of that of the reader. */
import { crc32 } from "node:zlib"

/** A header with its type: https://smithy.io/2.0/aws/amazon-eventstream.html#headers */
export type TypedHeader =
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "byte" | "short" | "integer"; readonly value: number }
  | { readonly type: "long" | "timestamp"; readonly value: bigint }
  | { readonly type: "bytes"; readonly value: Uint8Array }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "uuid"; readonly value: string }

const written = (size: number, write: (buffer: Buffer) => unknown): Buffer => {
  const buffer = Buffer.alloc(size)
  write(buffer)
  return buffer
}

const sized = (bytes: Uint8Array): Buffer =>
  Buffer.concat([written(2, (buffer) => buffer.writeUInt16BE(bytes.length)), bytes])

const encodeValue = (header: TypedHeader): Buffer => {
  const typed = (type: number, value: Uint8Array = Buffer.alloc(0)) => Buffer.concat([Uint8Array.of(type), value])
  switch (header.type) {
    case "boolean":
      return typed(header.value ? 0 : 1)
    case "byte":
      return typed(
        2,
        written(1, (buffer) => buffer.writeInt8(header.value))
      )
    case "short":
      return typed(
        3,
        written(2, (buffer) => buffer.writeInt16BE(header.value))
      )
    case "integer":
      return typed(
        4,
        written(4, (buffer) => buffer.writeInt32BE(header.value))
      )
    case "long":
    case "timestamp":
      return typed(
        header.type === "long" ? 5 : 8,
        written(8, (buffer) => buffer.writeBigInt64BE(header.value))
      )
    case "bytes":
      return typed(6, sized(header.value))
    case "string":
      return typed(7, sized(Buffer.from(header.value)))
    case "uuid":
      return typed(9, Buffer.from(header.value.replaceAll("-", ""), "hex"))
  }
}

const uint32 = (value: number): Buffer => written(4, (buffer) => buffer.writeUInt32BE(value))

/** Encodes a message with headers as bytes. */
export const encodeRaw = (headers: Uint8Array, payload: Uint8Array): Uint8Array => {
  const lengths = Buffer.concat([uint32(12 + headers.length + payload.length + 4), uint32(headers.length)])
  const unsigned = Buffer.concat([lengths, uint32(crc32(lengths)), headers, payload])
  return Uint8Array.from(Buffer.concat([unsigned, uint32(crc32(unsigned))]))
}

/** Encodes a message. */
export const encodeMessage = (
  headers: { readonly [name: string]: TypedHeader | string },
  payload: string
): Uint8Array => {
  const encoded = Object.entries(headers).map(([name, header]) =>
    Buffer.concat([
      Uint8Array.of(Buffer.byteLength(name)),
      Buffer.from(name),
      encodeValue(typeof header === "string" ? { type: "string", value: header } : header)
    ])
  )
  return encodeRaw(Buffer.concat(encoded), Buffer.from(payload))
}

/** Encodes an event of `invoke-with-response-stream`. */
export const encodeChunk = (event: unknown): Uint8Array =>
  encodeMessage(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64"), p: "abcdefgh" })
  )

/** Encodes an exception, which ends a stream. */
export const encodeException = (type: string, message: string): Uint8Array =>
  encodeMessage(
    { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" },
    JSON.stringify({ message })
  )
