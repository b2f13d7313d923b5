/** Ends the last line of printed text, so that what is printed next begins on a new one. */
import type { Writable } from "./Writable.js"

/** Passes text through and tracks whether the last line has ended. */
export class LineTracker implements Writable {
  private isAtLineStart = true

  constructor(private readonly output: Writable) {}

  get isTTY(): boolean {
    return this.output.isTTY === true
  }

  write(text: string): void {
    if (text !== "") this.isAtLineStart = text.endsWith("\n")
    this.output.write(text)
  }

  /** Writes a line end, unless the text has one or is empty. */
  endLine(): void {
    if (!this.isAtLineStart) this.output.write("\n")
    this.isAtLineStart = true
  }
}
