/** Decodes UTF-8, one network read at a time. */

// Node.js decodes five times as fast without the option `stream`: 0.06 µs instead of 0.34 µs for a chat event.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

const none = new Uint8Array()

/** Decodes one body. Invalid UTF-8 becomes U+FFFD; the protocol detects a body that is truncated inside a character. */
export class Utf8Decoder {
  /** The first bytes of a character whose other bytes come with the next read. */
  private incomplete = none
  private isAtStart = true

  /** Decodes the bytes of one network read, except a character that they leave incomplete. */
  push(bytes: Uint8Array): string {
    const all = this.incomplete.length === 0 ? bytes : concat(this.incomplete, bytes)
    const end = all.length - incompleteBytes(all)
    if (end === all.length) {
      this.incomplete = none
      return this.decode(all)
    }
    // A copy, because the `slice` of a `Buffer` would retain the whole read.
    this.incomplete = new Uint8Array(all.subarray(end))
    return this.decode(all.subarray(0, end))
  }

  /** Decodes what remains at the end of the body. */
  end(): string {
    return this.decode(this.incomplete)
  }

  private decode(bytes: Uint8Array): string {
    const text = decoder.decode(bytes)
    if (!this.isAtStart || text === "") return text
    this.isAtStart = false
    return text.startsWith("\uFEFF") ? text.slice(1) : text
  }
}

const concat = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** The number of bytes at the end that begin a character without completing it. */
const incompleteBytes = (bytes: Uint8Array): number => {
  for (let count = 1; count <= 3; count++) {
    const byte = bytes[bytes.length - count] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return sizeOf(byte) > count ? count : 0
  }
  return 0
}

/** The size of a character in bytes, by its first byte. */
const sizeOf = (byte: number): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)
