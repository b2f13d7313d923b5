/** Tells whether JSON text that arrives in pieces is complete, in constant memory and time linear in the text. */

/** What has arrived: nothing but blanks, the beginning of a value, or a whole value. */
export type JsonState = "empty" | "open" | "complete"

/** Follows one JSON text. Mutable, as it reads every delta of a tool call. */
export class JsonProgress {
  state: JsonState = "empty"
  private depth = 0
  /** Whether the text ends inside a string, which may go on with a brace. */
  isString = false
  private isEscaped = false

  /** Reads the next piece, and returns where in it the value ends, or its length. */
  push(text: string): number {
    let at = 0
    for (; at < text.length && this.state !== "complete"; at++) this.read(text.charCodeAt(at))
    // A number or a word has no end of its own.
    if (this.state === "open" && this.depth === 0 && !this.isString) this.state = "complete"
    return at
  }

  private read(code: number): void {
    if (this.isString) return this.readInString(code)
    if (code === quote) this.isString = true
    else if (code === openBrace || code === openBracket) this.depth++
    else if (code === closeBrace || code === closeBracket) {
      this.depth--
      if (this.depth <= 0) this.state = "complete"
      return
    }
    if (this.state === "empty" && !isBlankCode(code)) this.state = "open"
  }

  private readInString(code: number): void {
    if (this.isEscaped) this.isEscaped = false
    else if (code === backslash) this.isEscaped = true
    else if (code === quote) {
      this.isString = false
      if (this.depth === 0) this.state = "complete"
    }
  }
}

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

const isBlankCode = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d)
