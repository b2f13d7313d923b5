/** Bytes to text, a network read at a time. */

// Without `stream`, as here, Node.js decodes five times as fast: 0.06 µs instead of 0.34 for a chat event.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** Decodes one body; what is no UTF-8 becomes U+FFFD, as a body cut inside a character is reported by what is missing. */
export class Utf8Decoder {
  /** The bytes of a character whose others come with the next read. */
  private begun = new Uint8Array()
  private isAtStart = true

  /** Takes the bytes of one network read. */
  push(bytes: Uint8Array): string {
    const all = this.begun.length === 0 ? bytes : joined(this.begun, bytes)
    const end = all.length - unfinished(all)
    this.begun = all.slice(end)
    return this.decode(end === all.length ? all : all.subarray(0, end))
  }

  /** Takes the end of the body. */
  end(): string {
    return this.decode(this.begun)
  }

  private decode(bytes: Uint8Array): string {
    const text = decoder.decode(bytes)
    if (!this.isAtStart || text === "") return text
    this.isAtStart = false
    return text.startsWith("\uFEFF") ? text.slice(1) : text
  }
}

const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}

/** How many bytes at the end begin a character without ending it. */
const unfinished = (bytes: Uint8Array): number => {
  for (let count = 1; count <= 3; count++) {
    const byte = bytes[bytes.length - count] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return sizeFrom(byte) > count ? count : 0
  }
  return 0
}

/** The size of a character by its first byte. */
const sizeFrom = (byte: number): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)
