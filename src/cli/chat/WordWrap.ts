/** Breaks the lines of streamed text between words; a terminal breaks them inside words. */
import { columnsOf, type Terminal } from "../../output/progress/Terminal.js"

// Text of these scripts has no blanks, and its lines may break before any character.
const ideograph = "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}"
const pieces = new RegExp(`\\n|[^\\S\\n]+|[${ideograph}]|[^\\s${ideograph}]+`, "gu")
const isIdeograph = new RegExp(`^[${ideograph}]$`, "u")

/**
 * Passes text on at once. A word that grows beyond the right edge moves to the next line. Expects printing to start at
 * the first column, and text without control characters.
 */
export class WordWrap implements Terminal {
  readonly isTTY = true
  /** The column where the last word starts. */
  private start = 0
  /** The last word, as far as it has arrived; a longer one than the line is not retained, and the terminal breaks it. */
  private word = ""
  private wordWidth = 0
  private isLong = false

  constructor(
    private readonly output: Terminal,
    private readonly widthOf: (text: string) => number
  ) {}

  write(text: string): void {
    const columns = columnsOf(this.output)
    this.output.write(Array.from(text.matchAll(pieces), ([piece]) => this.place(piece, columns)).join(""))
  }

  private place(piece: string, columns: number): string {
    if (piece === "\n") {
      this.endWord(columns)
      this.start = 0
      return piece
    }
    if (piece.trim() === "") return this.placeBlanks(piece, columns)
    if (isIdeograph.test(piece)) this.endWord(columns)
    return this.placeWord(piece, columns)
  }

  private placeWord(piece: string, columns: number): string {
    if (this.isLong) {
      this.start = columnAfter(this.start + this.widthOf(piece), columns)
      return piece
    }
    const printed = this.word
    this.word += piece
    this.wordWidth = this.widthOf(this.word)
    const fits = this.start + this.wordWidth <= columns
    const from = this.start
    if (!fits) this.start = 0
    if (this.wordWidth > columns) {
      this.isLong = true
      this.start = columnAfter(this.wordWidth, columns)
    }
    return fits || from === 0 ? piece : `${printed === "" ? "" : eraseFrom(from)}\n${this.word}`
  }

  /** Blanks beyond the right edge are dropped; they would start the next line. */
  private placeBlanks(blanks: string, columns: number): string {
    this.endWord(columns)
    let placed = ""
    for (const blank of blanks) {
      const width = blank === "\t" ? 8 - (this.start % 8) : this.widthOf(blank)
      if (this.start + width > columns) break
      this.start += width
      placed += blank
    }
    return placed
  }

  private endWord(columns: number): void {
    if (!this.isLong) this.start = Math.min(this.start + this.wordWidth, columns)
    this.word = ""
    this.wordWidth = 0
    this.isLong = false
  }
}

/** Where a word of this width ends. A terminal stays behind the last column until the next character. */
const columnAfter = (width: number, columns: number): number => (width === 0 ? 0 : ((width - 1) % columns) + 1)

/** Moves the cursor to a column, counted from 0, and erases the rest of the line. */
const eraseFrom = (column: number): string => `\u001b[${column + 1}G\u001b[K`
