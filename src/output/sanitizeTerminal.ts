/** Makes what a model wrote harmless to a terminal, which would obey control characters in it. */

// A sequence that never ends would otherwise swallow the rest of the answer.
const longestSequence = 4096

/**
 * Takes text as it arrives and gives it without control characters and without escape sequences, also where a sequence
 * is split between two pieces. Line ends and tabs stay.
 */
export class TerminalText {
  private state: "text" | "escape" | "sequence" | "string" = "text"
  private length = 0

  /** Takes the next piece. */
  push(piece: string): string {
    let shown = ""
    for (const character of piece) if (this.shows(character)) shown += character
    return shown
  }

  private shows(character: string): boolean {
    const code = character.codePointAt(0) ?? 0
    if (this.state === "text") return this.showsText(code)
    this.length += 1
    // In the order of ECMA-48: the second byte, a control sequence, and a string that BEL or ESC \ ends.
    if (this.state === "escape") this.state = afterEscape(character)
    else if (this.state === "sequence") this.state = code >= 0x40 && code <= 0x7e ? "text" : "sequence"
    else if (code === 0x07 || code === 0x9c) this.state = "text"
    else if (code === 0x1b) this.state = "escape"
    if (this.length > longestSequence) this.state = "text"
    return false
  }

  private showsText(code: number): boolean {
    this.length = 0
    if (code === 0x1b) this.state = "escape"
    else if (code === 0x9b) this.state = "sequence"
    else if (code === 0x90 || (code >= 0x9d && code <= 0x9f)) this.state = "string"
    return code === 0x0a || code === 0x09 || (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code <= 0x9f))
  }
}

const afterEscape = (character: string): "text" | "sequence" | "string" | "escape" => {
  if (character === "[") return "sequence"
  if ("]PX^_".includes(character)) return "string"
  // Intermediate characters, after which one more ends the sequence.
  return character >= " " && character <= "/" ? "escape" : "text"
}
