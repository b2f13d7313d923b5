/** Splits growing text into lines or sentences, in linear time. */
import { once } from "../../domain/lazy.js"

/** Takes text as it arrives and gives the complete lines, without their LF or CRLF. */
export class LineSplitter {
  private unfinished = ""

  /** Takes the next piece. */
  push(piece: string): ReadonlyArray<string> {
    const lines: Array<string> = []
    let start = 0
    for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", start)) {
      const line = this.unfinished + piece.slice(start, end)
      // CR and LF may arrive in different pieces, so CR is removed from the complete line.
      lines.push(line.endsWith("\r") ? line.slice(0, -1) : line)
      this.unfinished = ""
      start = end + 1
    }
    this.unfinished += piece.slice(start)
    return lines
  }

  /** Gives the last line, if it has no line end. */
  end(): ReadonlyArray<string> {
    const { unfinished } = this
    this.unfinished = ""
    return unfinished === "" ? [] : [unfinished]
  }
}

// What can end a sentence by Unicode's rules (https://unicode.org/reports/tr29/#Sentence_Boundaries): a line end or a
// character such as "." or "。", and in Greek also ";".
const terminators = String.raw`\n\r\u0085\u2028\u2029\u2024\p{Sentence_Terminal}`
const terminator = once(() => new RegExp(`[;${terminators}]`, "u"))

// After one of these, no further text can cancel an earlier sentence end: "3." ends a sentence before "Then", but not
// before "50".
const letters = String.raw`\p{Lu}\p{Ll}\p{Lt}\p{Lo}`
const deciding = once(() => new RegExp(`[${terminators}${letters}]`, "u"))
const undecided = once(() => new RegExp(`[;${terminators}][^${letters}]*$`, "u"))

// In characters. The time of `Intl.Segmenter` is proportional to the text times its sentences, so it gets small windows.
const usualWindow = 1024

/**
 * Takes text as it arrives and gives the complete sentences, with the white space and line ends that follow them. Only the
 * unfinished part is segmented again.
 */
export class SentenceSplitter {
  private unfinished = ""
  private mayEnd = false
  private nextCheck = 0

  constructor(private readonly segmenter: Intl.Segmenter) {}

  /** Takes the next piece. */
  push(piece: string): ReadonlyArray<string> {
    this.unfinished += piece
    this.mayEnd ||= terminator().test(piece)
    if (!this.mayEnd || this.unfinished.length < this.nextCheck || !deciding().test(piece)) return []
    const sentences = this.complete()
    this.mayEnd = undecided().test(this.unfinished.slice(-usualWindow / 16))
    // Long text with terminators but without a sentence end, such as a dotted path, is not segmented for every piece.
    this.nextCheck = this.unfinished.length < usualWindow / 4 ? 0 : this.unfinished.length * 1.125
    return sentences
  }

  /** Gives the remaining sentences. */
  end(): ReadonlyArray<string> {
    const sentences = this.complete()
    const remaining = Array.from(this.segmenter.segment(this.unfinished), ({ segment }) => segment)
    this.unfinished = ""
    this.mayEnd = false
    this.nextCheck = 0
    return [...sentences, ...remaining]
  }

  /** Removes from the beginning the sentences that no further text can change. */
  private complete(): ReadonlyArray<string> {
    const sentences: Array<string> = []
    let start = 0
    let window = usualWindow
    while (start < this.unfinished.length) {
      const text = this.unfinished.slice(start, start + window)
      const found = this.completeIn(text)
      const isLast = start + window >= this.unfinished.length
      for (const sentence of found) {
        sentences.push(sentence)
        start += sentence.length
      }
      if (isLast) break
      window = found.length === 0 ? window * 2 : usualWindow
    }
    this.unfinished = this.unfinished.slice(start)
    return sentences
  }

  private completeIn(text: string): ReadonlyArray<string> {
    const segments = Array.from(this.segmenter.segment(text), ({ segment }) => segment)
    let following = ""
    for (let index = segments.length - 1; index >= 0; index--) {
      const segment = segments[index] ?? ""
      if (deciding().test(following) || /[\n\u0085\u2028\u2029]$/.test(segment)) return segments.slice(0, index + 1)
      following = segment + following
    }
    return []
  }
}
