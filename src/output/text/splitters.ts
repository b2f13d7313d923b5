/** Splits a text that grows into its sentences, in linear time: only what is unfinished is looked at again. */
import { once } from "../../domain/once.js"

// All that can end a sentence by Unicode's rules (https://unicode.org/reports/tr29/#Sentence_Boundaries): a line end or a
// sign such as "." or "。", and in Greek ";" too.
const ends = String.raw`\n\r\u0085\u2028\u2029\u2024\p{Sentence_Terminal}`
const ending = once(() => new RegExp(`[;${ends}]`, "u"))

// After one of these no more text can undo an end before it: "3." ends a sentence before "Then", but not before "50".
const letters = String.raw`\p{Lu}\p{Ll}\p{Lt}\p{Lo}`
const deciding = once(() => new RegExp(`[${ends}${letters}]`, "u"))
const undecided = once(() => new RegExp(`[;${ends}][^${letters}]*$`, "u"))

// `Intl.Segmenter` takes time in proportion to the text and to the sentences in it, so it is shown a little at a time.
const usualWindow = 1024

/** Takes text as it arrives and gives the sentences that are complete, with the blanks and line ends that follow them. */
export class Sentences {
  private tail = ""
  private mayEnd = false
  private nextLook = 0

  constructor(private readonly segmenter: Intl.Segmenter) {}

  /** Takes the next piece. */
  push(piece: string): ReadonlyArray<string> {
    this.tail += piece
    this.mayEnd ||= ending().test(piece)
    if (!this.mayEnd || this.tail.length < this.nextLook || !deciding().test(piece)) return []
    const sentences = this.complete()
    this.mayEnd = undecided().test(this.tail.slice(-usualWindow / 16))
    // A long run of signs without an end to be found in it, such as a path of names and dots, is not looked at each time.
    this.nextLook = this.tail.length < usualWindow / 4 ? 0 : this.tail.length * 1.125
    return sentences
  }

  /** Gives the rest. */
  end(): ReadonlyArray<string> {
    const sentences = this.complete()
    const rest = Array.from(this.segmenter.segment(this.tail), ({ segment }) => segment)
    this.tail = ""
    this.mayEnd = false
    this.nextLook = 0
    return [...sentences, ...rest]
  }

  /** Takes the sentences that nothing to come can change off the front. */
  private complete(): ReadonlyArray<string> {
    const sentences: Array<string> = []
    let start = 0
    let window = usualWindow
    while (start < this.tail.length) {
      const text = this.tail.slice(start, start + window)
      const found = this.completeIn(text)
      const isAll = start + window >= this.tail.length
      for (const sentence of found) {
        sentences.push(sentence)
        start += sentence.length
      }
      if (isAll) break
      window = found.length === 0 ? window * 2 : usualWindow
    }
    this.tail = this.tail.slice(start)
    return sentences
  }

  private completeIn(text: string): ReadonlyArray<string> {
    const segments = Array.from(this.segmenter.segment(text), ({ segment }) => segment)
    let rest = ""
    for (let index = segments.length - 1; index >= 0; index--) {
      const segment = segments[index] ?? ""
      if (deciding().test(rest) || /[\n\u0085\u2028\u2029]$/.test(segment)) return segments.slice(0, index + 1)
      rest = segment + rest
    }
    return []
  }
}
