/** Splits a text that grows into its lines, in linear time. */

/** Takes text as it arrives and gives the lines that are complete, without the LF or CRLF that ends them. */
export class Lines {
  private begun = ""

  /** Takes the next piece. */
  push(piece: string): ReadonlyArray<string> {
    const lines: Array<string> = []
    let start = 0
    for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", start)) {
      const line = this.begun + piece.slice(start, end)
      // The two halves of a CRLF may come apart, so it is looked for when its line is whole.
      lines.push(line.endsWith("\r") ? line.slice(0, -1) : line)
      this.begun = ""
      start = end + 1
    }
    this.begun += piece.slice(start)
    return lines
  }

  /** Gives the last line, where none of its own ends it. */
  end(): ReadonlyArray<string> {
    const { begun } = this
    this.begun = ""
    return begun === "" ? [] : [begun]
  }
}
