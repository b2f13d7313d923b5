/** Pages that a response cites, as providers report them: neither checked nor placed in the response's text. */

import type { SourceRange } from "../domain/Source.js"

/** The text that cites a page. */
export interface CitedRange {
  /** The part of the message in which offsets count; without it they count in the whole text. */
  readonly part?: number | undefined
  /** The unit of the offsets; UTF-16 code units by default. */
  readonly unit?: "bytes" | undefined
  /** The offsets. Without an end, it is all of the part that has arrived. */
  readonly start?: unknown
  readonly end?: unknown
  /** The cited text, if the provider repeats it; a range of another text is left out. */
  readonly text?: unknown
}

/** Finds the text that offsets in bytes mean. Mutable, as it reads every delta. */
export interface TextIndex {
  /** Appends a text. */
  readonly push: (text: string) => void
  /**
   * Gives the range of offsets that count from a UTF-16 offset `base`: `"early"` if the text has not arrived, `undefined`
   * if the range is inside a character or of another text.
   */
  readonly rangeOf: (
    offsets: SourceRange,
    base: number,
    quoted: string | undefined
  ) => SourceRange | "early" | undefined
}

/** A page that a response cites. Its fields come from the wire. */
export interface Citation {
  readonly url: unknown
  readonly title: unknown
  readonly range?: CitedRange | undefined
}
