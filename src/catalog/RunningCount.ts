/** Counts the tokens of a text that grows, in linear time: what has been counted once is not counted again. */
import type { TokenCount } from "../domain/TokenCount.js"

// Without a safe place to cut for so long, a text is a single run of letters, signs or blanks. Encoders take quadratic
// time for one, so it is cut anyway, and then the count may be a few tokens off.
const longestRun = 300

/** A count that grows with its text. */
export class RunningCount {
  private settled = 0
  private tail = ""
  private wasCut = false

  /** `measure` counts a text from its beginning, exactly or (then also with fractions) by estimate. */
  constructor(
    private readonly measure: (text: string) => number,
    private readonly isExact: boolean
  ) {}

  /** Appends text, and counts all of it so far. */
  add(text: string): TokenCount {
    for (let at = 0; at < text.length; at += longestRun) this.append(text.slice(at, at + longestRun))
    return {
      tokens: Math.ceil(this.settled + this.measure(this.tail)),
      isExact: this.isExact && !this.wasCut
    }
  }

  private append(text: string): void {
    this.tail += text
    const end = endOfWords(this.tail)
    if (end > 0) this.settle(end)
    if (this.tail.length <= longestRun) return
    this.wasCut = true
    this.settle(isPairSplitAt(this.tail, longestRun) ? longestRun - 1 : longestRun)
  }

  private settle(end: number): void {
    this.settled += this.measure(this.tail.slice(0, end))
    this.tail = this.tail.slice(end)
  }
}

/** Counts a text at once, in linear time. */
export const countText = (text: string, measure: (text: string) => number): number =>
  new RunningCount(measure, false).add(text).tokens

/**
 * The last place where a text can be cut without changing its tokens, whatever follows: where a letter or a digit is
 * followed by neither. Encodings first split text into words, each of which may begin with a blank or a sign but goes
 * on as long as there are letters (up to an apostrophe, as in "it's") or digits; no word looks at what is before it.
 */
const endOfWords = (text: string): number => {
  for (let at = text.length - 1; at > 0; at--) if (isEndOfWord(text, at)) return at
  return 0
}

const isEndOfWord = (text: string, at: number): boolean => {
  const next = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return /[\p{L}\p{N}]/u.test(text.charAt(at - 1)) && /[^\p{L}\p{N}\p{M}'’\uDC00-\uDFFF]/u.test(next)
}

const isPairSplitAt = (text: string, at: number): boolean => /[\uD800-\uDBFF]/.test(text.charAt(at - 1))
