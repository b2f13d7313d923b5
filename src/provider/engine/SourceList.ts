/** The sources of one response: checks what the wire cites, places it in the text, and leaves out repetitions. */
import { maxSources, maxTitleLength, type Source, type SourceRange } from "../../domain/Source.js"
import { webAddress } from "../../domain/webAddress.js"
import { unprintable } from "../../http/secrets/unprintable.js"
import type { Citation, CitedRange, TextIndex } from "../../protocol/Citation.js"

/** Where citations count in the text that has arrived. */
export interface CitedText {
  readonly length: number
  /** Where each part of the text begins. */
  readonly starts: ReadonlyMap<number, number>
  /** The text, if the request has hosted tools. Without it, offsets in bytes cannot be converted. */
  readonly index: TextIndex | undefined
}

// Servers may repeat all citations with every event; what comes later is not read.
const maxCitations = 10 * maxSources

/** The sources of one response. Mutable. */
export class SourceList {
  private readonly known = new Set<string>()
  private read = 0
  /** The citations of text that has not arrived. */
  private waiting: Array<Citation> = []

  /** Keeps citations for `end`. */
  keep(citations: ReadonlyArray<Citation>): void {
    for (const citation of this.take(citations)) this.waiting.push(citation)
  }

  /** Gives the new sources whose text has arrived; `end` gives the others. */
  add(citations: ReadonlyArray<Citation>, text: CitedText): ReadonlyArray<Source> {
    return this.take(citations).flatMap((citation) => {
      const range = citation.range && rangeOf(citation.range, text)
      if (range !== "early") return this.source(citation, range)
      this.waiting.push(citation)
      return []
    })
  }

  /** Gives the sources that waited for their text. Where it never came, they have no range. */
  end(text: CitedText): ReadonlyArray<Source> {
    const { waiting } = this
    this.waiting = []
    return waiting.flatMap((citation) => {
      const range = citation.range && rangeOf(citation.range, text)
      return this.source(citation, range === "early" ? undefined : range)
    })
  }

  private take(citations: ReadonlyArray<Citation>): ReadonlyArray<Citation> {
    const taken = citations.slice(0, maxCitations - this.read)
    this.read += taken.length
    return taken
  }

  private source({ url, title }: Citation, range: SourceRange | undefined): ReadonlyArray<Source> {
    const address = webAddress(url)
    if (address === undefined || this.known.size >= maxSources) return []
    const key = `${range?.start} ${range?.end} ${address}`
    if (this.known.has(key)) return []
    this.known.add(key)
    const name = titleOf(title)
    return [{ url: address, ...(name === undefined ? {} : { title: name }), ...(range === undefined ? {} : { range }) }]
  }
}

/** The range in the whole text; `"early"` if its text has not arrived, `undefined` if it cannot be right. */
const rangeOf = (cited: CitedRange, text: CitedText): SourceRange | "early" | undefined => {
  const base = cited.part === undefined ? 0 : text.starts.get(cited.part)
  if (base === undefined) return "early"
  const { start = 0, end = text.length - base } = cited
  if (!isOffset(start) || !isOffset(end) || start >= end) return undefined
  if (cited.unit === undefined) return base + end > text.length ? "early" : { start: base + start, end: base + end }
  return text.index?.rangeOf({ start, end }, base, typeof cited.text === "string" ? cited.text : undefined)
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const titleOf = (title: unknown): string | undefined => {
  if (typeof title !== "string") return undefined
  const clean = title
    .slice(0, 2 * maxTitleLength)
    .replace(unprintable, " ")
    .trim()
    .slice(0, maxTitleLength)
  // Half of a surrogate pair at the end.
  return clean.replace(/[\ud800-\udbff]$/, "") || undefined
}
