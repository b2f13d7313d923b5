/**
 * Recognises a text that repeats what has arrived, without keeping it: by its length and a 32-bit hash (FNV-1a). A false
 * match needs a text of the same length with the same hash, about one in 4 billion.
 */
export class TextDigest {
  /** How long the text is. */
  length = 0
  private pieces = 0
  private hash = seed

  /** Appends the next piece. */
  push(text: string): void {
    this.length += text.length
    this.pieces++
    this.hash = hashOf(text, this.hash)
  }

  /** Checks whether a text is what has arrived. */
  equals(text: string): boolean {
    return text.length === this.length && hashOf(text, seed) === this.hash
  }

  /** Checks whether a text repeats several pieces, which by chance only a short text does. */
  isRepeatedBy(text: string): boolean {
    return this.pieces > 1 && text.length >= minRepeat && this.equals(text)
  }

  /** Returns what a complete text adds to what has arrived; `""` if it begins otherwise, as it then replaces it. */
  restOf(text: string): string {
    if (text.length <= this.length) return ""
    return hashOf(text.slice(0, this.length), seed) === this.hash ? text.slice(this.length) : ""
  }
}

/** Shorter answers, such as "1010" in the tokens "10" and "10", may repeat themselves. */
const minRepeat = 4

// Signed, as all hashes are: V8 stores such integers without an object for each.
const seed = 0x811c9dc5 | 0

const hashOf = (text: string, start: number): number => {
  let hash = start
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}
