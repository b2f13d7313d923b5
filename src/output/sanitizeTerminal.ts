/**
 * Removes control characters and escape sequences, which a terminal would execute, and characters that change the
 * direction of the text around them, from text that a model wrote.
 */
import { isDirectional } from "../http/secrets/unprintable.js"

// In characters. Without a limit, an escape sequence that never ends would hide the rest of the response.
const maxSequenceLength = 4096

/** Makes a complete text safe to print. Line feeds and tabs stay. */
export const sanitizeTerminal = (text: string): string => new TerminalSanitizer().push(text)

/**
 * Takes text as it arrives and gives it without control characters, escape sequences and changes of direction, also where
 * a sequence is split between two pieces. Line feeds and tabs stay.
 */
export class TerminalSanitizer {
  private state: "text" | "escape" | "sequence" | "string" = "text"
  private length = 0

  /** Takes the next piece and gives what is safe to print. */
  push(piece: string): string {
    let safe = ""
    for (const character of piece) if (this.isSafe(character)) safe += character
    return safe
  }

  private isSafe(character: string): boolean {
    const code = character.codePointAt(0) ?? 0
    if (this.state === "text") return this.isSafeText(code)
    this.length += 1
    // The states follow ECMA-48: the second byte, a control sequence, and a string that BEL or ESC \ ends.
    if (this.state === "escape") this.state = afterEscape(character)
    else if (this.state === "sequence") this.state = code >= 0x40 && code <= 0x7e ? "text" : "sequence"
    else if (code === 0x07 || code === 0x9c) this.state = "text"
    else if (code === 0x1b) this.state = "escape"
    if (this.length > maxSequenceLength) this.state = "text"
    return false
  }

  private isSafeText(code: number): boolean {
    this.length = 0
    if (code === 0x1b) this.state = "escape"
    else if (code === 0x9b) this.state = "sequence"
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) this.state = "string"
    if (code < 0x20) return code === 0x0a || code === 0x09
    return code < 0x7f || (code > 0x9f && !isDirectional(code))
  }
}

const afterEscape = (character: string): "text" | "sequence" | "string" | "escape" => {
  if (character === "[") return "sequence"
  if ("]PX^_".includes(character)) return "string"
  // One more character ends the sequence after an intermediate character.
  return character >= " " && character <= "/" ? "escape" : "text"
}
